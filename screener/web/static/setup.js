// Setup: chips, messages beside their fields, and a warning before what was typed is left unsaved.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typed = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));
  let dirty = false;

  // --- chips: Enter or leaving the field adds, Backspace in an empty one takes the last back ---
  function add(field, texts) {
    const name = field.parentElement.dataset.name;
    for (const text of texts.map((word) => word.trim()).filter(Boolean)) {
      const chip = document.createElement("span"), word = document.createElement("bdi");
      const value = document.createElement("input"), button = document.createElement("button");
      chip.className = "chip"; word.textContent = text;
      value.type = "hidden"; value.name = name; value.value = text;
      button.type = "button"; button.textContent = "×"; button.setAttribute("aria-label", `Remove ${text}`);
      chip.append(word, value, button);
      field.before(chip);
    }
    field.value = "";
    number(field.parentElement);
  }
  const number = (chips) => all(".chip", chips).forEach((chip, at) => { chip.dataset.at = `${chips.dataset.name}.${at}`; });
  const chipField = (element) => (element.matches?.(".chips > input[type=text]") ? element : null);
  document.addEventListener("keydown", (event) => {
    const field = chipField(event.target);
    if (!field) return;
    if (event.key === "Enter") { event.preventDefault(); if (field.value.trim()) { add(field, [field.value]); typed(field); } }
    if (event.key === "Backspace" && !field.value) {
      const last = all(".chip", field.parentElement).pop();
      if (last) { field.value = $("input", last).value; last.remove(); typed(field); event.preventDefault(); }
    }
  });
  document.addEventListener("paste", (event) => {
    const field = chipField(event.target), text = event.clipboardData?.getData("text") ?? "";
    if (field && /[\n\t;]/.test(text)) { event.preventDefault(); add(field, text.split(/[\n\t;]+/)); typed(field); }
  });
  document.addEventListener("change", (event) => {
    const field = chipField(event.target);
    if (field?.value.trim()) { add(field, [field.value]); typed(field); }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".chips .chip button");
    if (button) {
      const chips = button.closest(".chips");
      button.closest(".chip").remove(); number(chips);
      const field = $("input[type=text]", chips); field.focus(); typed(field);
    }
    const to = event.target.closest("[data-to]");
    if (to) show(to.dataset.to);
  });

  // --- each message of the check beside its field, or the nearest thing around it ---
  const place = (name) => {
    for (let parts = name.split("."); parts.length; parts.pop()) {
      const found = $(`#setup [data-at="${CSS.escape(parts.join("."))}"]`) ?? $(`#setup .rows[data-at="${CSS.escape(parts.join("."))}"]`);
      if (found) return found;
    }
    return null;
  };
  function show(name) {
    const field = place(name);
    for (let box = field; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    field?.scrollIntoView({ block: "center" });
    (field?.closest(".at") ?? field)?.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
  }
  function tell() {
    for (const old of all("#setup .wrong")) old.remove();
    for (const field of all("#setup [aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const chip of all("#setup .chip.bad")) chip.classList.remove("bad");
    const faults = new Map();
    for (const line of all("#setup-check li[data-for]")) {
      const found = place(line.dataset.for);
      if (!found) continue;
      if (found.matches(".chip") && !("advice" in line.dataset)) found.classList.add("bad");
      const box = found.closest(".at") ?? found;
      const words = document.createElement("span");
      const advises = "advice" in line.dataset;
      words.className = advises ? "wrong advises" : "wrong"; words.textContent = $(".advice", line).textContent;
      if (box.matches("details")) $(".fields", box).prepend(words);
      else box.append(words);
      const field = $("input:not([type=hidden]), textarea, select", box.matches(".at") ? box : document.createElement("i"));
      if (!advises) field?.setAttribute("aria-invalid", "true");
      if (!advises) for (let entry = box.closest("details.entry"); entry; entry = entry.parentElement.closest("details.entry")) faults.set(entry, (faults.get(entry) ?? 0) + 1);
      const names = [...function* () { for (let entry = box.closest("details.entry"); entry; entry = entry.parentElement.closest("details.entry")) yield $("summary strong", entry).textContent; }()].reverse();
      const label = $(".field", box.matches(".at") ? box : document.createElement("i"))?.textContent;
      const button = document.createElement("button");
      button.type = "button"; button.className = "link"; button.dataset.to = line.dataset.for;
      button.textContent = [...names, label].filter(Boolean).join(", ") || "Show";
      if (!$("button", line)) line.prepend(button, " ");
    }
    for (const entry of all("#setup details.entry")) {
      const sign = $("summary .faults", entry), n = faults.get(entry) ?? 0;
      sign.hidden = !n; sign.textContent = n ? `${n} to look at` : "";
    }
    const reason = $("#setup .reason");
    if (reason) reason.hidden = !$("#setup-check[data-reason]");
  }
  const form = () => $("#setup form.setup");
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.closest?.("#setup form.setup")) event.detail.parameters.open = all("#setup details.entry[open]").map((entry) => entry.dataset.at).join(" ");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!["setup", "setup-check"].includes(event.detail.elt?.id) && !event.detail.elt?.closest?.("#setup")) return;
    tell();
    if ($("#setup-check [data-refused]") && $("#setup-check[data-reason]") && !$("#reason").value) $("#reason").focus();
    const fresh = $("#setup [data-new]");
    if (fresh) { fresh.removeAttribute("data-new"); $("input:not([type=hidden]):not([readonly]), textarea", fresh)?.focus(); fresh.scrollIntoView({ block: "nearest" }); }
  });
  // What is typed while a save is on its way would be neither saved nor shown any more.
  const still = (event, on) => { if (event.detail.elt.matches?.("form.setup button") && form()) form().inert = on; };
  document.addEventListener("htmx:beforeRequest", (event) => still(event, true));
  document.addEventListener("htmx:afterRequest", (event) => {
    still(event, false);
    if (event.detail.xhr.getResponseHeader("X-Saved")) dirty = false;
  });
  document.addEventListener("input", (event) => { if (event.target.closest("form.setup")) dirty = true; });
  addEventListener("beforeunload", (event) => { if (dirty && form()) event.preventDefault(); });
  document.addEventListener("DOMContentLoaded", tell);
  if (document.readyState !== "loading") tell();
})();
