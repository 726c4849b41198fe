// Files that are dropped or chosen: sent one after the other, each as the body of a request of its own.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const ZONE = "[data-drop]";
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
  let sending = null;  // the request under way; what waits behind it
  const waiting = [];

  const zoneOf = (element) => element?.closest?.(ZONE) ?? $(`${ZONE}[data-whole-page]`);
  const megabytes = (bytes) => `${(bytes / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 })} MB`;

  function line(zone, file) {
    const item = document.createElement("li"), name = document.createElement("bdi"), said = document.createElement("span");
    name.textContent = file.name; said.className = "soft small";
    item.append(name, " ", said);
    $(".sending", zone)?.append(item);
    return { item, say(text, failed = false) { said.textContent = text; said.className = failed ? "trouble-here" : "soft small"; } };
  }

  function send(zone, file) {
    const told = line(zone, file);
    if (file.size > Number(zone.dataset.most)) {
      told.say(`too large: at most ${megabytes(Number(zone.dataset.most))}`, true);
      return Promise.resolve({ told, failed: true });
    }
    return new Promise((resolve) => {
      const request = sending = new XMLHttpRequest();
      const address = new URL(zone.dataset.drop, location.href);
      address.searchParams.set("name", file.name);
      request.open("POST", address);
      request.setRequestHeader("X-CSRF-Token", csrf());
      request.setRequestHeader("Content-Type", "application/octet-stream");
      const bar = document.createElement("progress");
      bar.max = 1; bar.value = 0; bar.setAttribute("aria-label", `Sending ${file.name}`);
      told.item.append(bar);
      request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
      request.upload.addEventListener("load", () => { bar.removeAttribute("value"); told.say("is read …"); });
      request.addEventListener("loadend", () => {
        sending = null; bar.remove();
        const failed = request.status < 200 || request.status > 299;
        const text = request.responseText.length < 400 && !request.responseText.startsWith("<") ? request.responseText : "";
        // A proxy in front has its own limit, and says so in a page of its own.
        const why = request.status === 413 ? "too large for the proxy in front of this server; ask its administrator" : "not sent: the connection was broken";
        told.say(failed ? text || why : text || "sent", failed);
        resolve({ told, failed });
      });
      request.send(file);
    });
  }

  async function work(zone, files) {
    const { drop, then } = zone.dataset, failed = [];
    let sent = 0;
    for (const file of files) {
      const { told, failed: isFailed } = await send(zone, file);
      if (isFailed) failed.push(told.item); else sent += 1;
      if (isFailed || then.startsWith("get ")) told.item.dataset.kept = "";
    }
    if (!sent) return;
    const said = then.startsWith("get ") && drop.includes("?") ? $("[data-kept] span:not(.trouble-here)", zone)?.textContent : "";
    const [verb, address] = then.split(" ");
    await window.htmx.ajax(verb.toUpperCase(), address, { target: "#main" });
    if (said) $("#message").textContent = said;
    const again = [...document.querySelectorAll(ZONE)].find((other) => other.dataset.drop === drop);
    $(".sending", again ?? document)?.append(...failed);
  }

  async function add(zone, files) {
    if (!zone || !files.length) return;
    waiting.push([zone.dataset.drop, files]);
    if (waiting.length > 1) return;  // those before are still being sent
    while (waiting.length) {
      const [address, some] = waiting[0];
      const there = [...document.querySelectorAll(ZONE)].find((other) => other.dataset.drop === address);
      try { if (there) await work(there, some); }
      catch { /* the page could not be renewed: said by htmx; what is dropped next is sent all the same */ }
      finally { waiting.shift(); }
    }
  }

  // A folder that is dropped is its files.
  const inFolder = (folder) => new Promise((resolve) => {
    const reader = folder.createReader(), all = [];
    const more = () => reader.readEntries(async (some) => {
      if (!some.length) { resolve((await Promise.all(all.map(filesOf))).flat()); return; }
      all.push(...some); more();
    }, () => resolve([]));
    more();
  });
  const filesOf = (entry) => entry.isDirectory ? inFolder(entry) : new Promise((resolve) => entry.file((file) => resolve([file]), () => resolve([])));
  const isHidden = (file) => file.name.startsWith(".");

  const hasFiles = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
  const mark = (zone) => { for (const other of document.querySelectorAll(ZONE)) other.classList.toggle("over", other === zone); };
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();  // a file beside a zone must not take the place of the page
    const zone = zoneOf(event.target);
    event.dataTransfer.dropEffect = zone ? "copy" : "none";
    mark(zone);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(null);
    const zone = zoneOf(event.target);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = entries.some((entry) => entry.isDirectory) ? (await Promise.all(entries.map(filesOf))).flat() : [...event.dataTransfer.files];
    add(zone, files.filter((file) => !isHidden(file)));
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(`${ZONE} input[type=file]`)) return;
    const files = [...event.target.files];
    event.target.value = "";
    add(zoneOf(event.target), files);
  });
  addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });

  // What a job brought is shown when it has ended.
  document.addEventListener("job-ended", (event) => {
    const part = document.getElementById(event.detail.id)?.closest("[data-after-job]");
    if (part && !sending) window.htmx.ajax("GET", part.dataset.afterJob, { target: "#main" });
  });
})();
