// How the page is looked at: text size, density and theme; which keys do what; and that no question is out of sight unsaid.
"use strict";
const screenerKeys = (() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const remember = (name, value) => { try { if (value) localStorage.setItem(name, value); else localStorage.removeItem(name); } catch { /* no storage */ } };
  const recall = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const root = document.documentElement;

  // --- text size, density, theme ---
  function showChoices() {
    for (const field of all("[data-view]")) field.checked = field.value === (root.dataset[field.dataset.view] || "");
  }
  document.addEventListener("change", (event) => {
    const { view: name } = event.target.dataset;
    if (!name) return;
    root.dataset[name] = event.target.value; remember(name, event.target.value);
    signs();
  });
  new MutationObserver(showChoices).observe(root, { attributes: true, attributeFilter: ["data-theme"] });

  // --- keys: what is pressed stands for another one, by a list of swaps ---
  let swaps = {};
  try { swaps = JSON.parse(recall("key-swaps") ?? "{}"); } catch { /* no list */ }
  const off = () => root.dataset.keys === "off";
  const meant = (key) => swaps[key] ?? key;
  const shown = (key) => Object.keys(swaps).find((pressed) => swaps[pressed] === key) ?? key;
  const changeable = (key) => /^[\p{L}!-~]$/u.test(key) && !/[0-9?]/.test(key);
  function relabel(within = document) {
    const labels = within.matches?.("kbd") ? [within] : all("kbd", within);
    for (const label of labels) {
      if (label.closest("[data-fixed]")) continue;
      label.dataset.key ??= label.textContent.trim();
      if (changeable(label.dataset.key)) label.textContent = shown(label.dataset.key);
    }
  }
  function swap(key, pressed) {
    const before = shown(key), other = meant(pressed);
    swaps[pressed] = key; swaps[before] = other;
    for (const [from, to] of Object.entries(swaps)) if (from === to) delete swaps[from];
    remember("key-swaps", Object.keys(swaps).length ? JSON.stringify(swaps) : "");
    relabel(); tell(before === pressed ? `${pressed} stays as it is.` : `${pressed} does now what ${before} did, and the other way round.`);
  }
  let waiting = null;
  const tell = (text) => { const line = $("#keys-note"); if (line) line.textContent = text; };
  function choose(label) {
    stopChoosing(); waiting = label; label.classList.add("waiting");
    tell(`Press the key that is to do what ${label.textContent} does; Esc leaves it.`);
  }
  function stopChoosing() { waiting?.classList.remove("waiting"); waiting = null; }
  function changing(on) {
    const box = $("#keys");
    box.classList.toggle("changing", on); stopChoosing();
    for (const label of all("dt kbd", box)) {
      if (label.closest("[data-fixed]") || !changeable(label.dataset.key ?? "")) continue;
      if (on) { label.tabIndex = 0; label.setAttribute("role", "button"); } else { label.removeAttribute("tabindex"); label.removeAttribute("role"); }
    }
    tell(on ? "Choose one of the framed keys." : "");
  }
  addEventListener("keydown", (event) => {
    const label = event.target.closest?.("#keys.changing kbd[role=button]");
    if (waiting) {
      event.preventDefault(); event.stopImmediatePropagation();
      if (["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(event.key)) return;
      const key = waiting.dataset.key;
      stopChoosing();
      if (event.key === "Escape") tell("Nothing changed.");
      else if (changeable(event.key)) swap(key, event.key);
      else tell("Only letters and signs can be chosen; digits, ?, Enter and Esc stay as they are.");
    } else if (label && ["Enter", " "].includes(event.key)) { choose(label); event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  document.addEventListener("click", (event) => {
    const label = event.target.closest("#keys.changing kbd[role=button]");
    if (label) choose(label);
    const button = event.target.closest("[data-keys]");
    if (button?.dataset.keys === "change") { const on = !$("#keys").classList.contains("changing"); changing(on); button.setAttribute("aria-pressed", String(on)); }
    if (button?.dataset.keys === "reset") { swaps = {}; remember("key-swaps", ""); relabel(); tell("All keys are as at first."); }
    const reason = event.target.closest("[data-reason]");
    if (reason) insert(reason.dataset.reason);
    const raise = event.target.closest("[data-raise]");
    if (raise) { const panel = raise.closest(".panel-in"); raise.setAttribute("aria-expanded", String(panel.classList.toggle("raised"))); $("[data-stop].active", panel)?.scrollIntoView({ block: "nearest" }); signs(); }
    const more = event.target.closest("[data-more]");
    if (more) { const panel = more.closest(".panel-in"); panel.scrollTop += (more.dataset.more === "below" ? 0.7 : -0.7) * panel.clientHeight; }
  });
  document.addEventListener("close", (event) => { if (event.target.id === "keys") { changing(false); $("[data-keys=change]")?.setAttribute("aria-pressed", "false"); } }, true);

  // --- a ready reason: it stands behind what is written already ---
  function insert(text) {
    const note = $("#note");
    if (!note || note.value.includes(text)) return;
    note.value = [note.value.trim(), text].filter(Boolean).join(" ");
    for (const kind of ["input", "change"]) note.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  // --- the questions that are out of sight are counted, above and below ---
  let frame = 0;
  const signs = () => { if (!frame) frame = requestAnimationFrame(() => { frame = 0; for (const panel of all(".panel-in")) sign(panel); }); };
  function sign(panel) {
    if (!panel.dataset.signed) begin(panel);
    const box = panel.getBoundingClientRect(), foot = $(".panel-foot", panel), end = foot ? Math.min(foot.getBoundingClientRect().top, box.bottom) : box.bottom;
    const SLACK = 10;  // a question of which the answers are cut off is out of sight
    const edge = (stop, name) => stop.getBoundingClientRect()[name];
    const listed = all("[data-stop]", panel).filter((stop) => stop.offsetHeight);
    const counts = { above: listed.filter((stop) => edge(stop, "top") < box.top - SLACK).length, below: listed.filter((stop) => edge(stop, "bottom") > end + SLACK).length };
    for (const [where, count] of Object.entries(counts)) {
      const button = $(`[data-more=${where}]`, panel);
      if (!button) continue;
      button.hidden = !count; button.textContent = `${where === "below" ? "↓" : "↑"} ${count} more`;
      button.setAttribute("aria-label", `${count} more ${where}`);
    }
  }
  function begin(panel) {
    panel.dataset.signed = "1";
    const button = (where) => Object.assign(document.createElement("button"), { type: "button", className: `more ${where}`, hidden: true });
    const above = document.createElement("div"), over = button("above"), under = button("below"), raise = document.createElement("button");
    over.dataset.more = "above"; under.dataset.more = "below"; over.tabIndex = under.tabIndex = -1;
    above.className = "edge"; above.append(over);
    raise.type = "button"; raise.className = "raise"; raise.dataset.raise = ""; raise.setAttribute("aria-expanded", "false"); raise.setAttribute("aria-label", "Raise or lower the questions");
    panel.prepend(raise, above);
    ($(".panel-foot", panel) ?? panel).append(under);
    panel.addEventListener("scroll", signs, { passive: true });
    new ResizeObserver(signs).observe(panel);
  }
  addEventListener("resize", signs);

  function arrived() { showChoices(); relabel(); signs(); }
  // What a part of a page brings for a place beside it; that may be gone, where the page went on meanwhile.
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const fresh of event.detail.target.querySelectorAll("template[data-fresh]")) {
      document.getElementById(fresh.dataset.fresh)?.replaceWith(fresh.content.cloneNode(true));
      fresh.remove();
    }
  });
  for (const kind of ["htmx:afterSwap", "htmx:afterSettle", "DOMContentLoaded"]) document.addEventListener(kind, arrived);
  new MutationObserver((changes) => { for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === 1 && Object.keys(swaps).length) relabel(node); }).observe(root, { childList: true, subtree: true });
  // On a phone the next question comes up by itself after a tap, as it does after a key.
  document.addEventListener("change", (event) => {
    const stop = event.target.closest?.(".panel-in [data-stop]");
    signs();
    if (!stop || !event.target.matches("[type=radio]") || !matchMedia("(max-width: 740px)").matches) return;
    const open = all("[data-stop]", stop.closest(".panel-in")).filter((other) => !other.inert && !$("input:checked", other));
    const next = open.find((other) => stop.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (next) setTimeout(() => next.scrollIntoView({ block: "nearest" }), 120);
  });
  if (document.readyState !== "loading") arrived();
  return { meant, off };
})();
