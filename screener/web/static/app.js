// The keyboard, the theme, and messages when the server is gone. All that matters happens on the server.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const main = () => $("#main");
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* no storage */ } };
  const recall = (name) => { try { return localStorage.getItem(name); } catch { return null; } };

  // --- stops: the criteria or items that the keys go through ---
  const visible = (element) => (element.checkVisibility ? element.checkVisibility() : Boolean(element.offsetParent));
  const numbered = () => all("[data-stop]").filter(visible);
  const stops = () => numbered().filter((stop) => !stop.inert);
  const active = () => $("[data-stop].active:not([inert])");
  function activate(stop, scroll = true) {
    if (!stop) return;
    for (const other of all("[data-stop]")) other.classList.toggle("active", other === stop);
    for (const mark of all("[data-criteria]"))
      mark.classList.toggle("of-active", mark.dataset.criteria.split(" ").includes(stop.dataset.stop));
    if (scroll) stop.scrollIntoView({ block: "nearest" });
  }
  const answered = (stop) => (stop.matches(".item") ? !stop.matches(".open") : Boolean($("input:checked", stop)));
  function move(step) {
    const list = stops(), position = list.indexOf(active());
    activate(list[Math.min(Math.max(position + step, 0), list.length - 1)]);
  }
  function onward(from) {
    const list = stops(), position = list.indexOf(from);
    activate(list.slice(position + 1).find((stop) => !answered(stop)) ?? list[position + 1] ?? from);
  }
  // A criterion that presupposes one that is answered no, or not asked itself, is not asked; what was answered stays in it.
  function leaveUnasked() {
    for (const child of all("[data-stop][data-parent]")) {
      const parent = $(`[data-stop="${child.dataset.parent}"]`);
      child.inert = Boolean(parent && (parent.inert || $("input[value=no]:checked", parent)));
    }
  }
  const changed = (element) => element?.dispatchEvent(new Event("change", { bubbles: true }));

  // --- highlights, theme, keys ---
  const showCues = (on) => document.body.classList.toggle("cues-on", on);
  showCues(recall("cues") !== "off");
  const actions = {
    cues() {
      const on = !document.body.classList.contains("cues-on");
      showCues(on); remember("cues", on ? "on" : "off"); label();
    },
    theme() {
      const root = document.documentElement.dataset;
      const dark = root.theme ? root.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.theme = dark ? "light" : "dark"; remember("theme", root.theme);
    },
    keys() { const box = $("#keys"); if (box.open) box.close(); else box.showModal(); },
    screens(button) { button.setAttribute("aria-expanded", String($("#screens").classList.toggle("open"))); },
    rest() {
      const open = stops().filter((stop) => !answered(stop));
      for (const stop of open) { const yes = $("input[value=yes]", stop); if (yes) yes.checked = true; }
      changed(open.length ? $("input", open[0]) : null);
    },
    "tick-all"(box) {
      for (const tick of all("input[name=tick]")) tick.checked = box.checked;
      count();
    },
    clear() {
      const stop = active(), choice = stop && $("input:checked", stop);
      if (choice) { choice.checked = false; changed(choice); }
    },
  };
  const label = () => {
    for (const button of all("[data-action=cues]")) button.setAttribute("aria-pressed", document.body.classList.contains("cues-on"));
  };

  // --- how many are ticked ---
  function count() {
    const ticked = all("input[name=tick]:checked").length;
    for (const place of all("[data-count=tick]")) place.textContent = ticked;
    const which = $("#many input[name=which][value=ticked]");
    if (which && ticked) which.checked = true;
    $(".many")?.classList.toggle("some", ticked > 0);
  }

  // --- keys ---
  function press(key) {
    const selector = `[data-press="${CSS.escape(key)}"]`;
    const stop = active();
    const control = (stop && $(selector, stop)) || all(selector).find((candidate) => !candidate.closest("[data-stop]") && visible(candidate));
    if (!control || control.disabled) return false;
    if (control.matches("textarea, select, input:not([type=radio]):not([type=checkbox])")) { control.focus(); control.select?.(); }
    else control.click();
    if (control.matches("input[type=radio]") && stop?.contains(control)) onward(stop);
    return true;
  }
  let going = false;
  function handle(pressed, on) {
    const key = going ? pressed : screenerKeys.meant(pressed);
    if (going) {
      going = false;
      const link = $(`header a[data-key="${CSS.escape(key)}"]`);
      link?.click();
      return Boolean(link);
    }
    if (key === "Enter" && on?.matches("a, button, summary")) return false;
    const list = stops();
    if (key === "g") { going = true; return true; }
    if (key === "?") { actions.keys(); return true; }
    if (key === "t") { actions.theme(); return true; }
    if (key === "0") { actions.clear(); return true; }
    if (key === "ArrowDown" || key === "j") { if (list.length) move(1); return list.length > 0; }
    if (key === "ArrowUp" || key === "k") { if (list.length) move(-1); return list.length > 0; }
    const named = /^[1-9]$/.test(key) && numbered()[key - 1];
    if (named && !(active() && $(`[data-press="${key}"]`, active()))) { if (!named.inert) activate(named); return true; }
    const form = $("form[data-enter]");
    if (key === "Enter" && form) { form.requestSubmit(); return true; }
    return press(key);
  }

  // What is typed while the next record is on its way is meant for that one.
  let waiting = 0;
  const early = [];
  const forMain = (event) => event.detail.target?.id === "main";
  document.addEventListener("htmx:beforeRequest", (event) => { if (forMain(event)) waiting += 1; });
  document.addEventListener("htmx:afterRequest", (event) => { if (forMain(event)) setTimeout(arrived); });
  function arrived() {
    waiting = Math.max(0, waiting - 1);
    if ($("[data-pause]")) early.length = 0;  // the machine's answers came in between: nothing was meant for them
    while (early.length && !waiting) handle(early.shift());
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if ($("#keys").open) { if (event.key === "?") { actions.keys(); event.preventDefault(); } return; }
    const menu = event.key === "Escape" && (menus()[0] ?? $("#screens.open"));
    if (menu) { closeMenus(); (menu.querySelector(":scope > summary") ?? $(".to-screens")).focus(); return; }
    if (event.key === "Escape" && !typing && refusals().length) { showRefusals(refusals().slice(0, -1)); return; }
    if (event.key === "Escape" && typing) { event.target.blur(); main().focus({ preventScroll: true }); return; }
    if (event.key === "Enter" && event.target.matches(".edit select, .edit input")) {
      event.target.form.requestSubmit(); event.preventDefault(); return;  // this item, and not the whole form
    }
    if (event.key === "Enter" && event.target.matches("textarea") && (event.ctrlKey || event.metaKey)) {
      event.target.form?.requestSubmit(); event.preventDefault(); return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Shift"].includes(event.key)) return;
    if (event.key.length === 1 && screenerKeys.off()) return;
    if (event.target.closest(".view-choices")) return;  // the arrows choose among what the menu offers
    if (waiting) { if (early.length < 20) early.push(event.key); event.preventDefault(); }
    else if (handle(event.key, event.target)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const action = event.target.closest("[data-action]");
    if (action) actions[action.dataset.action]?.(action);
    const stop = event.target.closest("[data-stop]");
    if (stop) activate(stop, false);
    if (event.target.name === "tick") count();
    const focus = event.target.closest("[data-focus]");
    if (focus) { const form = document.getElementById(focus.dataset.focus); form?.removeAttribute("hidden"); form?.scrollIntoView({ block: "nearest" }); $("input:not([type=hidden]), textarea, select", form)?.focus(); }
  });
  document.addEventListener("focusin", (event) => {
    const stop = event.target.closest?.("[data-stop]");
    if (stop && stop !== active()) activate(stop, false);
  });

  // --- a judgement that leaves questions open is asked about once ---
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-criteria-form]")) return;
    const list = stops(), open = list.filter((stop) => !answered(stop));
    const hint = $("#open-hint");
    const ask = (text) => { hint.textContent = text; hint.hidden = false; activate(open[0]); event.preventDefault(); event.stopImmediatePropagation(); };
    if (list.length && !list.some((stop) => answered(stop) && !("ruled" in stop.dataset))) ask("No question answered yet. Press y, n or u to answer the marked question.");
    else if (open.length && !$("input[value=no]:checked", form) && form.dataset.asked !== "1") {
      form.dataset.asked = "1";
      ask(`${open.length} ${open.length === 1 ? "question" : "questions"} unanswered (saved as unclear). Press Enter again to save.`);
    }
  }, true);
  document.addEventListener("change", (event) => { if (event.target.name === "tick") count(); });
  document.addEventListener("change", (event) => { if (event.target.closest("[data-stop]")) leaveUnasked(); });
  document.addEventListener("change", (event) => { const form = event.target.form; if (form) delete form.dataset.asked; const hint = $("#open-hint"); if (hint) hint.hidden = true; });

  // --- a window of its own name: two windows of one reviewer get different records ---
  const kept = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* no storage */ } };
  if (!kept("window")) keep("window", crypto.randomUUID());
  // Behind the dot this page: what it gives back when it is left may arrive when the next page of the window has begun.
  const holder = `${kept("window") ?? crypto.randomUUID()}.${crypto.randomUUID().slice(0, 8)}`;
  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-Window"] = holder; });
  addEventListener("pagehide", () => {
    if (!document.body.dataset.place) return;  // no page of a review: it holds nothing
    const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
    navigator.sendBeacon(`${document.body.dataset.base}/leave`, new URLSearchParams({ csrf, window: holder }));
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });  // its record was given back

  // --- menus: one open at a time, closed by Esc and by whatever is elsewhere ---
  const menus = () => all("details.menu[open]");
  function closeMenus(elsewhere = null) {
    for (const menu of menus()) if (!menu.contains(elsewhere)) menu.open = false;
    const nav = $("#screens.open"), button = $(".to-screens");
    if (nav && !nav.contains(elsewhere) && !button.contains(elsewhere)) actions.screens(button);
  }
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("focusin", (event) => closeMenus(event.target));

  // --- what is typed on a record is kept in this browser until the app has it, and offered again ---
  let keeping = true;
  const drop = (key) => { try { localStorage.removeItem(key); } catch { /* no storage */ } };
  const unsent = (key) => JSON.parse(recall(key) ?? "[]");
  function keepUnsent(key, entries) {
    if (!entries.length) { drop(key); return; }
    try { localStorage.setItem(key, JSON.stringify(entries)); keeping = true; } catch { keeping = false; }
  }
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !["hidden", "submit", "button", "file"].includes(field.type));
  const textOf = (form) => JSON.stringify(fieldsOf(form).map((field) => [field.name, field.value, field.matches("[type=radio], [type=checkbox]") ? field.checked : null]));
  const typedForm = (element) => {
    const form = element?.closest?.("form[hx-post]");
    return form && $("input[name=record]", form) ? form : null;
  };
  const keyOf = (form) => {
    const hidden = (field) => $(`input[type=hidden][name=${field}]`, form)?.value ?? "";
    return ["unsent", document.body.dataset.place, form.getAttribute("hx-post"), hidden("stage"), hidden("record"), hidden("path")].join("|");
  };
  const state = (form, text) => { for (const place of all(".saved, #note-kept", form)) place.textContent = text; };
  function noteTyped(form) {
    const key = keyOf(form);
    keepUnsent(key, [...unsent(key).filter((entry) => entry.offered), { at: new Date().toLocaleString(), text: textOf(form) }]);
    state(form, "");
  }
  function fill(form, text) {
    const values = JSON.parse(text), used = new Set();
    for (const field of fieldsOf(form)) {
      const ticked = field.matches("[type=radio], [type=checkbox]");
      const place = values.findIndex(([name, value], number) => !used.has(number) && name === field.name && (!ticked || value === field.value));
      if (place < 0) continue;
      used.add(place);
      if (ticked) field.checked = values[place][2]; else field.value = values[place][1];
    }
    fieldsOf(form)[0]?.dispatchEvent(new Event("input", { bubbles: true }));
    changed(fieldsOf(form)[0]);
  }
  function offer(form) {
    const key = keyOf(form), shown = textOf(form);
    const entries = unsent(key).filter((entry) => entry.text !== shown).map((entry) => ({ ...entry, offered: true }));
    keepUnsent(key, entries);
    for (const entry of entries) {
      const box = document.createElement("p");
      box.className = "notice unsent"; box.setAttribute("role", "status");
      box.append(`Typed ${entry.at} and not sent; kept in this browser. `);
      for (const [name, use] of [["Restore", true], ["Discard", false]]) {
        const button = document.createElement("button");
        button.type = "button"; button.textContent = name;
        if (use) { button.dataset.press = "r"; button.innerHTML += " <kbd>r</kbd>"; }
        button.addEventListener("click", () => {
          keepUnsent(key, unsent(key).filter((other) => other.text !== entry.text));
          box.remove();
          if (use) fill(form, entry.text);
        });
        box.append(button, " ");
      }
      form.prepend(box);
      form.removeAttribute("hidden");
    }
  }
  for (const kind of ["input", "change"])
    document.addEventListener(kind, (event) => { const form = typedForm(event.target); if (form) noteTyped(form); }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = typedForm(event.detail.elt);
    if (form) event.detail.xhr.sent = { form, key: keyOf(form), text: textOf(form) };
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { sent } = event.detail.xhr;
    if (!sent) return;
    if (event.detail.successful && !event.detail.xhr.getResponseHeader("X-Not-Saved")) {
      keepUnsent(sent.key, unsent(sent.key).filter((entry) => entry.offered || entry.text !== sent.text));
      if (textOf(sent.form) !== sent.text) state(sent.form, "");  // typed on meanwhile: that is not saved yet
    } else if (!event.detail.successful) {
      state(sent.form, keeping && unsent(sent.key).length ? "not sent; kept in this browser" : "not sent");
    }
  });

  // --- what comes back ---
  const trouble = (text) => { const box = $("#trouble"); box.textContent = text; box.hidden = !text; };
  // What was refused stays, also on the next page of the review, until it is dismissed.
  const refusals = () => JSON.parse(kept(`refusals|${document.body.dataset.place}`) ?? "[]");
  function showRefusals(texts) {
    keep(`refusals|${document.body.dataset.place}`, JSON.stringify(texts));
    $("#refusals").replaceChildren(...texts.map((text) => {
      const line = document.createElement("p"), words = document.createElement("span"), button = document.createElement("button");
      line.className = "refusal"; words.textContent = text; button.type = "button"; button.className = "quiet";
      button.dataset.action = "dismiss"; button.dataset.text = text; button.innerHTML = "Dismiss <kbd>Esc</kbd>";
      line.append(words, button);
      return line;
    }));
  }
  const refuse = (text) => showRefusals([...refusals().filter((other) => other !== text), text]);
  actions.dismiss = (button) => showRefusals(refusals().filter((text) => text !== button.dataset.text));
  showRefusals(refusals());
  function arrive() {
    label(); count(); leaveUnasked();
    const refused = $("#message[data-refused]");
    if (refused?.textContent) { refuse(refused.textContent); refused.textContent = ""; }
    for (const form of all("form[hx-post]")) if (typedForm(form) && !form.dataset.looked) { form.dataset.looked = "1"; offer(form); }
    const list = stops();
    const first = $("[data-start]") ?? list.find((stop) => !answered(stop)) ?? list[0];
    if (first && !active()) activate(first, false);
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "main") return;
    window.scrollTo(0, 0); main().focus({ preventScroll: true }); arrive();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const item = event.detail.elt;
    // An item that was answered gives way to the next one; one with a mistake stays.
    if (item?.matches?.(".item")) { activate(item, false); if (!$("[role=alert]", item)) onward(item); }
    arrive();
  });
  // --- jobs: how far one is comes by itself, one connection for each page that is in view ---
  const streams = new Map();  // by the id of the part of the page
  const LOST_MS = 3000;  // the server ends a connection now and then; the next one is there sooner
  function tellLost(id, lost) {
    const line = $("[data-lost]", document.getElementById(id) ?? document.createElement("p"));
    if (line) line.textContent = lost ? "Connection lost, trying again. This is how it stood last." : "";
  }
  const partsOf = (root) => new Map(all("[data-part]", root).map((part) => [part.dataset.part, part]));
  function renewJob(box, html, ended) {
    const made = document.createRange().createContextualFragment(html).firstElementChild;
    if (ended) {
      const inside = box.contains(document.activeElement);
      box.replaceWith(made);
      window.htmx.process(made);
      if (inside) made.focus({ preventScroll: true });
      $("#message").textContent = $(".said", made)?.textContent ?? "";  // read aloud to who does not see it
      document.dispatchEvent(new CustomEvent("job-ended", { detail: { id: made.id } }));
      return;
    }
    const old = partsOf(box);
    for (const [name, part] of partsOf(made)) {
      const before = old.get(name);
      if (!before || before.outerHTML === part.outerHTML) continue;
      if (before.matches("button")) { before.disabled = part.disabled; before.textContent = part.textContent; }
      else before.innerHTML = part.innerHTML;
    }
  }
  function followJobs() {
    for (const [id, stream] of streams) {
      if (document.getElementById(id)?.dataset.events && !document.hidden) continue;
      stream.close(); streams.delete(id);
    }
    for (const box of document.hidden ? [] : all("[data-events]")) {
      if (streams.has(box.id)) continue;
      const stream = new EventSource(box.dataset.events);
      streams.set(box.id, stream);
      let silent = null;
      const connected = () => { clearTimeout(silent); silent = null; tellLost(box.id, false); };
      const end = () => { connected(); stream.close(); streams.delete(box.id); };
      const heard = (event) => {
        const shown = document.getElementById(box.id);
        if (!shown || event.type === "end") end();
        if (shown) renewJob(shown, event.data, event.type === "end");
      };
      stream.addEventListener("job", heard);
      stream.addEventListener("end", heard);
      stream.addEventListener("open", connected);
      stream.addEventListener("error", () => {  // where it was refused, not merely broken off: look at it anew in a while
        silent ??= setTimeout(tellLost, LOST_MS, box.id, true);
        if (stream.readyState === EventSource.CLOSED) { streams.delete(box.id); setTimeout(followJobs, 10000); }
      });
    }
  }
  document.addEventListener("visibilitychange", followJobs);
  document.addEventListener("htmx:afterSettle", followJobs);
  document.addEventListener("htmx:afterSwap", followJobs);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) trouble(""); });
  document.addEventListener("htmx:sendError", () => {
    const command = document.body.dataset.command;
    const what = command ? "The app is not running" : "The server cannot be reached";
    const how = command ? `Start it again with the same command (${command}), then go on in this window.` : "Go on in this window when it can; if that lasts, tell who runs it.";
    trouble(keeping ? `${what}. What you type on a record is kept in this browser. ${how}` : `${what}, and this browser keeps nothing: do not close this window. ${how}`);
  });
  document.addEventListener("htmx:responseError", (event) => {
    const text = event.detail.xhr.responseText ?? "";
    const told = text && text.length < 400 && !text.startsWith("<") ? text : `Something went wrong (${event.detail.xhr.status}). Reload the page.`;
    if (document.body.dataset.place) refuse(told);
    else { trouble(told); window.scrollTo(0, 0); }  // a form around the reviews: said until it is sent again
  });
  document.addEventListener("DOMContentLoaded", () => { arrive(); followJobs(); });
  if (document.readyState !== "loading") { arrive(); followJobs(); }
})();
