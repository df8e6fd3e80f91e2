// 导入进度：每秒问一次，完成后刷新。
const box = document.querySelector("[data-progress]");
async function look() {
  try {
    const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
    const state = await answer.json();
    for (const figure of box.querySelectorAll("[data-figure]")) figure.textContent = state[figure.dataset.figure];
    document.querySelector("[data-state-name]").textContent = state.state_name;
    box.querySelector("[data-bar]").style.width = `${state.accepted ? (100 * state.classified) / state.accepted : 0}%`;
    if (state.finished) { location.reload(); return; }
  } catch {
    // 网络断了一下，接着问
  }
  setTimeout(look, 1000);
}
if (box?.dataset.progress) look();
