// The pages of a document: drawn where they are near the view, with their text over them; search; and quotes by selection.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* no storage */ } };
  const recall = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const STEPS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4], PIXELS = 96 / 72, GAP = 12;

  // --- one document at a time ---
  let reader = null;
  let last = { where: "", query: "" };  // a search outlives a jump to a quote
  function begin() {
    const box = $("#reader[data-doc]");
    if (!box || reader?.box === box) return;
    reader?.close();
    reader = new Reader(box);
  }

  class Reader {
    constructor(box) {
      this.box = box;
      this.scroller = $(".scroller", box);
      this.sizes = JSON.parse(box.dataset.sizes);
      this.found = JSON.parse(box.dataset.found);
      this.hits = []; this.at = -1;
      this.where = `${box.dataset.record}|${box.dataset.doc}`;
      this.zoom = recall("zoom") ?? "width";
      this.leaves = Array.from({ length: Number(box.dataset.pages) }, (_, index) => this.leaf(index + 1));
      this.scroller.replaceChildren(...this.leaves);
      this.resized = new ResizeObserver(() => this.fit());
      this.watcher = new IntersectionObserver((entries) => this.seen(entries), { root: this.scroller, rootMargin: "80% 0px" });
      this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
      this.fit();
      this.resized.observe(this.scroller);
      for (const leaf of this.leaves) this.watcher.observe(leaf);
      const start = box.dataset.from, page = Number(box.dataset.page);
      if (start !== undefined) box.scrollIntoView({ block: "nearest" });  // in a conflict it stands below what is compared
      if (start !== undefined) this.show(page, Number(start), Number(box.dataset.to), true);
      else this.turnTo(page);
      if (last.where === this.where && last.query) { $("[data-read-find] input", box).value = last.query; this.find(last.query, false); }
    }
    leaf(number) {
      const leaf = document.createElement("section");
      leaf.className = "leaf"; leaf.dataset.number = number;
      leaf.setAttribute("aria-label", `Page ${number} of ${this.box.dataset.pages}`);
      if (this.sizes[number - 1]) leaf.classList.add("sized");
      return leaf;
    }
    close() { this.watcher.disconnect(); this.resized.disconnect(); }
    get page() { return Number(this.now ?? this.box.dataset.page); }

    // --- zoom: the width, a whole page, or pixels a point ---
    scaleOf([width, height]) {
      const across = Math.max(this.scroller.clientWidth - 2 * GAP, 80) / width;
      if (this.zoom === "page") return Math.min(across, Math.max(this.scroller.clientHeight - 2 * GAP, 80) / height);
      return Number(this.zoom) ? Number(this.zoom) * PIXELS : Math.min(across, 2.4 * PIXELS);
    }
    fit() {
      if (!this.scroller.clientWidth) return;
      const { scrollTop } = this.scroller, leaf = this.leaves[this.page - 1];
      const within = leaf?.offsetHeight ? (scrollTop - leaf.offsetTop) / leaf.offsetHeight : 0;
      for (const [index, size] of this.sizes.entries()) {
        const scale = this.scaleOf(size), { style } = this.leaves[index];
        style.width = `${Math.round(size[0] * scale)}px`; style.height = `${Math.round(size[1] * scale)}px`;
      }
      if (leaf?.offsetHeight && this.now) this.scroller.scrollTop = leaf.offsetTop + within * leaf.offsetHeight;
      const name = $("[data-read-zoom]", this.box);
      if (name) name.textContent = { width: "Width", page: "Page" }[this.zoom] ?? `${Math.round(100 * Number(this.zoom))} %`;
      for (const near of this.leaves) this.sharpen(near);
    }
    setZoom(zoom) { this.zoom = String(zoom); remember("zoom", this.zoom); this.fit(); }
    step(up) {
      const now = this.scaleOf(this.sizes[this.page - 1] ?? [612, 792]) / PIXELS;
      const next = up ? STEPS.find((step) => step > now * 1.03) : STEPS.findLast((step) => step < now * 0.97);
      if (next) this.setZoom(next);
    }
    sharpen(leaf) {
      const image = $("img", leaf), size = this.sizes[leaf.dataset.number - 1];
      if (!image || !size) return;
      const fine = (leaf.clientWidth * Math.min(devicePixelRatio, 2)) / size[0] > 2.1;
      if (fine && !image.src.includes("fine=")) image.src = `${image.src}?fine=1`;
    }

    // --- pages are there while they are near ---
    seen(entries) {
      for (const { target, isIntersecting } of entries) {
        target.dataset.near = isIntersecting ? "1" : "";
        // A page that is only passed by, by the scroll bar, is not asked for.
        if (isIntersecting) setTimeout(() => { if (target.dataset.near) this.load(target); }, 60);
        else if (this.sizes.length && !getSelection().containsNode(target, true)) this.unload(target);
      }
    }
    unload(leaf) { if (leaf.pending) return; leaf.replaceChildren(); leaf.loaded = null; }
    load(leaf) { leaf.loaded ??= this.fetched(leaf); return leaf.loaded; }
    async fetched(leaf) {
      leaf.pending = true;
      const { record, doc } = this.box.dataset;
      const html = await this.ask("page", { record, doc, page: leaf.dataset.number });
      leaf.pending = false;
      if (html === null) {
        const line = document.createElement("p");
        line.className = "notice"; line.textContent = `Page ${leaf.dataset.number} could not be loaded; scroll away and back to try again.`;
        leaf.replaceChildren(line);
        return;
      }
      leaf.innerHTML = html;
      for (const image of all("img", leaf)) image.addEventListener("error", () => { image.replaceWith(Object.assign(document.createElement("p"), { className: "notice", textContent: "This page cannot be drawn; open the file in a PDF viewer." })); });
      place(leaf); this.sharpen(leaf); this.mark(leaf);
    }
    async ask(what, query) {
      try {
        const answer = await fetch(`${document.body.dataset.base}/reader/${what}?${new URLSearchParams(query)}`, { headers: { "HX-Request": "true" } });
        if (answer.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));  // logged out meanwhile
        return answer.ok && answer.status === 200 ? await answer.text() : null;
      } catch { return null; }
    }

    // --- where one is ---
    scrolled() {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        const line = this.scroller.scrollTop + this.scroller.clientHeight / 3;
        const now = this.leaves.findLast((leaf) => leaf.offsetTop <= line) ?? this.leaves[0];
        this.now = now.dataset.number;
        const field = $("[data-read-page]", this.box);
        if (document.activeElement !== field) field.value = this.now;
      });
    }
    turnTo(number) {
      const leaf = this.leaves[Math.min(Math.max(number, 1), this.leaves.length) - 1];
      if (!leaf) return;
      this.now = leaf.dataset.number; $("[data-read-page]", this.box).value = this.now;
      this.scroller.scrollTop = leaf.offsetTop - GAP;
    }
    async show(number, start, end, quoted = false) {
      const leaf = this.leaves[number - 1];
      if (!leaf) return;
      this.turnTo(number);
      if (quoted) this.quoted = [start, end];
      await this.load(leaf);
      for (const other of this.leaves) this.mark(other);
      const target = $(quoted ? ".marks .found, mark.found" : ".marks .now, mark.now", leaf);
      if (!target) return;
      const box = target.getBoundingClientRect(), view = this.scroller.getBoundingClientRect();
      this.scroller.scrollTop += box.top - view.top - view.height / 3;
      if (box.left < view.left || box.right > view.right) this.scroller.scrollLeft += box.left - view.left - GAP;
    }

    // --- what is marked: cues of the protocol, matches of the search, the quote that was asked for ---
    mark(leaf) {
      const svg = $(".marks", leaf), number = Number(leaf.dataset.number);
      if (!svg) { this.markText(leaf); return; }
      const lines = all(".page-lines [data-offset]", leaf);
      const rects = JSON.parse($(".paper", leaf).dataset.cues).flatMap(([start, end, strength, criteria]) => boxesIn(lines, start, end).map((box) => rect(box, `cue ${strength}`, criteria)));
      for (const [index, hit] of this.hits.entries())
        if (hit.page === number) rects.push(...boxesIn(lines, hit.start, hit.end).map((box) => rect(box, index === this.at ? "hit now" : "hit")));
      const found = this.found.length ? this.found.filter(([page]) => page === number).map(([, ...box]) => box) : this.quoted ? boxesIn(lines, ...this.quoted) : [];
      rects.push(...found.map((box) => rect(box, "found")));
      svg.replaceChildren(...rects);
      const active = $("[data-stop].active")?.dataset.stop;
      for (const one of all("[data-criteria]", leaf)) one.classList.toggle("of-active", one.dataset.criteria.split(" ").includes(active));
    }
    markText(leaf) {
      for (const mark of all("mark.hit, mark.found", leaf)) { mark.replaceWith(...mark.childNodes); }
      leaf.normalize();
      const number = Number(leaf.dataset.number);
      const places = this.hits.map((hit, index) => [hit.start, hit.end, index === this.at ? "hit now" : "hit", hit.page]);
      if (this.quoted) places.push([...this.quoted, "found", number]);
      for (const [start, end, name, page] of places) if (page === number) for (const run of all("[data-offset]", leaf)) markRun(run, start, end, name);
    }

    // --- search ---
    async find(query, jump = true) {
      const { record, doc } = this.box.dataset, bar = $(".found-bar", this.box);
      last = { where: this.where, query };
      const html = query.trim() ? await this.ask("find", { record, doc, q: query }) : "";
      if (html === null) return;
      bar.innerHTML = html; bar.hidden = !html;
      this.hits = all("[data-hit]", bar).map(({ dataset }) => ({ page: Number(dataset.page), start: Number(dataset.from), end: Number(dataset.to) }));
      this.at = -1;
      if (jump && this.hits.length) { this.scroller.focus({ preventScroll: true }); this.hit(Math.max(0, this.hits.findIndex((hit) => hit.page >= this.page))); }
      else for (const leaf of this.leaves) this.mark(leaf);
    }
    hit(index) {
      if (!this.hits.length) return;
      this.at = (index + this.hits.length) % this.hits.length;
      const { page, start, end } = this.hits[this.at];
      $(".found-bar [data-at]", this.box).textContent = `${this.at + 1} of `;
      this.show(page, start, end);
    }
    endSearch() { $("[data-read-find] input", this.box).value = ""; this.find(""); this.scroller.focus({ preventScroll: true }); }
  }

  // --- the text over the picture: each word as wide as it is printed ---
  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  function widthOf(text) {  // in heights of the font
    pen.font = "100px sans-serif"; pen.fontKerning = "none";
    if (widths.size > 20000) widths.clear();
    if (!widths.has(text)) widths.set(text, pen.measureText(text).width / 100);
    return widths.get(text);
  }
  // Offsets in a line with their places across the page: both ends, and both edges of each blank.
  const FROM_RIGHT = /^[^\p{L}]*[\u0590-\u08ff]/u;
  function edges(line) {
    const [left, , right] = line.dataset.box.split(" ").map(Number);
    if (FROM_RIGHT.test(line.textContent)) return [[0, right], [line.textContent.length, left]];
    const points = [[0, left]];
    const blanks = (line.dataset.blanks ?? "").split(" ").filter(Boolean).map(Number);
    for (let n = 0; n < blanks.length; n += 3) points.push([blanks[n] - 1, blanks[n + 1]], [blanks[n], blanks[n + 2]]);
    points.push([line.textContent.length, right]);
    return points;
  }
  function place(leaf) {
    const paper = $(".paper", leaf);
    if (!paper) return;
    const [width, height] = paper.dataset.size.split(" ").map(Number);
    for (const line of all(".page-lines [data-offset]", leaf)) {
      const [left, top, , bottom] = line.dataset.box.split(" ").map(Number), size = bottom - top;
      line.style.left = `${(100 * left) / width}%`; line.style.top = `${(100 * top) / height}%`;
      line.style.fontSize = `${(100 * size) / width}cqw`;
      const text = line.textContent, points = edges(line).filter(([offset], n, list) => !n || n === list.length - 1 || text[offset - 1] === " ");
      line.replaceChildren(...points.slice(1).map(([end, x], n) => {
        const [begin, from] = points[n], word = document.createElement("span");
        word.textContent = text.slice(begin, end);
        word.style.letterSpacing = `${(Math.abs(x - from) / size - widthOf(word.textContent)) / Math.max(end - begin, 1)}em`;
        return word;
      }));
    }
  }
  function across(points, offset) {
    const next = Math.max(1, points.findIndex(([at]) => at >= offset)), [a, x] = points[next - 1], [b, y] = points[next];
    return b > a ? x + ((y - x) * Math.min(Math.max(offset - a, 0), b - a)) / (b - a) : x;
  }
  function boxesIn(lines, start, end) {
    const boxes = [];
    for (const line of lines) {
      const from = Number(line.dataset.offset), to = from + line.textContent.length;
      if (from >= end || to <= start) continue;
      const points = edges(line), [, top, , bottom] = line.dataset.box.split(" ").map(Number);
      const ends = [across(points, Math.max(start - from, 0)), across(points, Math.min(end, to) - from)];
      boxes.push([Math.min(...ends), top, Math.max(...ends), bottom]);
    }
    return boxes;
  }
  function rect([left, top, right, bottom], name, criteria = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const values = { x: left - 1, y: top - 1, width: right - left + 2, height: bottom - top + 2, rx: 1.5, class: name };
    for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
    if (criteria) made.dataset.criteria = criteria;
    return made;
  }
  function markRun(run, start, end, name) {
    let offset = Number(run.dataset.offset);
    const walker = document.createTreeWalker(run, NodeFilter.SHOW_TEXT), parts = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) { parts.push([node, offset]); offset += node.length; }
    for (const [node, from] of parts) {
      const first = Math.max(start - from, 0), behind = Math.min(end - from, node.length);
      if (first >= behind) continue;
      const range = document.createRange(), mark = document.createElement("mark");
      range.setStart(node, first); range.setEnd(node, behind); mark.className = name; range.surroundContents(mark);
    }
  }

  // --- what is selected becomes the quote of the question or item one is on ---
  const LETTER = /[\p{L}\p{N}]/u;
  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0), root = range.commonAncestorContainer;
    const near = (root.nodeType === 1 ? root : root.parentElement)?.closest("[data-doc]");
    if (!near) return null;
    const parts = (near.matches("[data-offset]") ? [near] : all("[data-offset]", near)).filter((part) => range.intersectsNode(part)).map((part) => cut(part, range)).filter(({ text }) => text.trim());
    if (!parts.length) return null;
    const first = parts[0], end = parts.at(-1);
    // Whole words: a letter that the hand missed is taken in, and blanks at the ends are left out.
    while (first.from > 0 && LETTER.test(first.all[first.from - 1]) && LETTER.test(first.all[first.from])) first.from -= 1;
    while (end.to < end.all.length && LETTER.test(end.all[end.to]) && LETTER.test(end.all[end.to - 1])) end.to += 1;
    while (/\s/.test(first.all[first.from])) first.from += 1;
    while (/\s/.test(end.all[end.to - 1])) end.to -= 1;
    const text = parts.map((part) => part.all.slice(part.from, part.to)).join(near.matches("[data-offset]") || !$(".page-lines", near) ? "" : " ");
    return { text: text.replace(/\s+/g, " ").trim(), place: `${first.start + first.from} ${end.start + end.to} ${near.dataset.doc}`, range };
  }
  function cut(part, range) {
    const before = document.createRange(), all_ = part.textContent;
    before.selectNodeContents(part);
    let from = 0, to = all_.length;
    if (part.contains(range.startContainer)) { before.setEnd(range.startContainer, range.startOffset); from = before.toString().length; before.selectNodeContents(part); }
    if (part.contains(range.endContainer)) { before.setEnd(range.endContainer, range.endOffset); to = before.toString().length; }
    return { start: Number(part.dataset.offset), all: all_, from, to, text: all_.slice(from, to) };
  }
  function target() {
    const stop = $("[data-stop].active");
    if (!stop) return null;
    const field = $("textarea[name=quote], .own-quote textarea", stop);
    const name = $("legend, h3", stop)?.cloneNode(true);
    for (const key of name ? all("kbd", name) : []) key.remove();
    return field && { stop, field, place: $("[name=quote_place], [name^='place.']", stop), name: name?.textContent.trim() ?? "" };
  }
  const pill = document.createElement("button");
  pill.type = "button"; pill.id = "quote-this"; pill.hidden = true; pill.dataset.press = "q";
  pill.addEventListener("pointerdown", (event) => event.preventDefault());  // the selection stays
  pill.addEventListener("click", () => use(selected()));
  function offerQuote(done) {
    const quote = selected(), goal = quote && target();
    if (!goal) { pill.hidden = true; return; }
    const form = goal.field.closest("form.edit");
    // While the item's form is open and has no words of one's own, what is selected stands in it at once.
    if (done && form && !form.hidden && (!goal.field.value || goal.field.dataset.selected === goal.field.value)) { use(quote); return; }
    const about = goal.name.length > 30 ? `${goal.name.slice(0, 28).trimEnd()}…` : goal.name;
    pill.innerHTML = "<span></span> <kbd>q</kbd>";
    pill.firstChild.textContent = `${goal.field.value ? "Replace the quote" : "Quote"}: ${about}`;
    const box = [...quote.range.getClientRects()].at(-1) ?? quote.range.getBoundingClientRect();
    if (!pill.isConnected) document.body.append(pill);
    pill.hidden = false;
    pill.style.left = `${Math.min(Math.max(box.left, 8), innerWidth - pill.offsetWidth - 8)}px`;
    pill.style.top = `${Math.min(box.bottom + 6, innerHeight - pill.offsetHeight - 8)}px`;
  }
  function use(quote) {
    const goal = quote && target();
    if (!goal) return;
    const form = goal.field.closest("form.edit"), opened = form?.hidden;
    if (form) form.hidden = false;
    goal.field.value = quote.text; goal.field.dataset.selected = quote.text;
    if (goal.place) goal.place.value = quote.place;
    const own = goal.field.closest(".own-quote");
    if (own) shown(own);
    for (const kind of ["input", "change"]) goal.field.dispatchEvent(new Event(kind, { bubbles: true }));
    pill.hidden = true;
    goal.stop.scrollIntoView({ block: "nearest" });
    if (opened) $("input:not([type=hidden]), select, textarea", form)?.focus({ preventScroll: true });
    getSelection().removeAllRanges();
    const [start, end] = quote.place.split(" ").map(Number);
    if (reader && quote.place.endsWith(` ${reader.box.dataset.doc}`)) { reader.quoted = [start, end]; reader.found = []; for (const leaf of reader.leaves) reader.mark(leaf); }
    said(`Quoted: ${quote.text.length > 70 ? `${quote.text.slice(0, 68)}…` : quote.text}`);
  }
  function shown(own) {
    const text = $("textarea", own).value;
    own.hidden = !text; $("blockquote bdi", own).textContent = text;
    const place = $("[name^='place.']", own).value;
    $("[data-show-quote]", own).hidden = !reader || !place || / (abstract|title)$/.test(place);
  }
  function said(text) { const line = $("#message"); const anew = line.cloneNode(); anew.textContent = text; anew.removeAttribute("data-refused"); line.replaceWith(anew); }

  // --- hands ---
  const moves = {
    "page-before": () => reader.turnTo(reader.page - 1), "page-next": () => reader.turnTo(reader.page + 1),
    "zoom-in": () => reader.step(true), "zoom-out": () => reader.step(false), "zoom-fit": () => reader.setZoom(reader.zoom === "width" ? "page" : "width"),
    "hit-next": () => reader.hit(reader.at + 1), "hit-before": () => reader.hit(reader.at - 1), "hits-close": () => reader.endSearch(),
  };
  document.addEventListener("click", (event) => {
    const control = event.target.closest("[data-read]"), hit = event.target.closest("[data-hit]"), remove = event.target.closest("[data-unquote]");
    const show = event.target.closest("[data-show-quote]");
    if (show && reader) {
      const [start, end, ...doc] = $("[name^='place.']", show.closest(".own-quote")).value.split(" ");
      const query = new URLSearchParams({ record: reader.box.dataset.record, doc: doc.join(" "), start, end });
      htmx.ajax("GET", `${document.body.dataset.base}/reader?${query}`, { target: "#reader", swap: "outerHTML" });
    }
    if (control && reader) moves[control.dataset.read]?.();
    if (hit && reader) reader.hit(Number(hit.dataset.hit));
    if (remove) {
      const own = remove.closest(".own-quote"), field = $("textarea", own);
      field.value = ""; $("[name^='place.']", own).value = ""; shown(own);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-read-find]")) return;
    event.preventDefault();
    const query = $("input", event.target).value;
    if (reader && last.where === reader.where && last.query === query && reader.hits.length) { reader.scroller.focus({ preventScroll: true }); reader.hit(reader.at + 1); }
    else reader?.find(query);
  });
  document.addEventListener("change", (event) => { if (reader && event.target.matches("[data-read-page]")) reader.turnTo(Number(event.target.value) || reader.page); });
  addEventListener("keydown", (event) => {
    if (!reader?.box.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    const within = reader.box.contains(event.target), typing = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    const done = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (event.target.matches("[data-read-page]") && event.key === "Enter") { reader.turnTo(Number(event.target.value) || reader.page); reader.scroller.focus({ preventScroll: true }); done(); return; }
    if (event.key === "F3" && reader.hits.length) { reader.hit(reader.at + (event.shiftKey ? -1 : 1)); done(); return; }
    if (typing || $("dialog[open]")) return;
    if (within && reader.hits.length) {
      if (event.key === "n" || event.key === "N") { reader.hit(reader.at + (event.key === "n" ? 1 : -1)); done(); return; }
      if (event.key === "Escape") { reader.endSearch(); done(); return; }
    }
    // In the pages the arrows and the space bar scroll, as in any text; elsewhere they go through the questions.
    if (event.target === reader.scroller && ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", " "].includes(event.key)) { event.stopImmediatePropagation(); return; }
    if (!within && ["PageUp", "PageDown"].includes(event.key)) { reader.scroller.scrollTop += (event.key === "PageUp" ? -0.9 : 0.9) * reader.scroller.clientHeight; done(); }
  }, true);
  let settled = 0;
  document.addEventListener("selectionchange", () => { clearTimeout(settled); settled = setTimeout(() => offerQuote(false), 150); });
  document.addEventListener("pointerup", (event) => { if (!pill.contains(event.target)) setTimeout(() => { clearTimeout(settled); offerQuote(true); }); });
  document.addEventListener("scroll", () => { pill.hidden = true; }, true);
  // What was typed anew into a quote stands no longer at the place that was selected.
  document.addEventListener("input", (event) => {
    if (!event.isTrusted || event.target.name !== "quote") return;
    const place = $("[name=quote_place]", event.target.form);
    if (place) place.value = "";
  });
  const arrived = () => { begin(); if (reader && !reader.box.isConnected) { reader.close(); reader = null; } pill.hidden = true; };
  document.addEventListener("htmx:afterSwap", arrived);
  document.addEventListener("DOMContentLoaded", arrived);
  if (document.readyState !== "loading") arrived();
})();
