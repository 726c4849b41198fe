// Before the page is drawn: theme, text size, density and keys as they were chosen in this browser, if they were.
try {
  for (const name of ["theme", "text", "density", "keys"]) {
    const chosen = localStorage.getItem(name);
    if (chosen) document.documentElement.dataset[name] = chosen;
  }
} catch { /* no storage: the system's theme is used, and everything else is as usual */ }
