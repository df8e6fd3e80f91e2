// 1, 2 and 3 press the first order's suggestions, unless something is being typed or chosen.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  document.querySelector("[data-label]")?.querySelector(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
});
