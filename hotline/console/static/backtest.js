// 回放进度：每两秒问一次，完成后刷新。
const box = document.querySelector("[data-progress]");
async function look() {
  try {
    const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
    const state = await answer.json();
    for (const figure of box.querySelectorAll("[data-figure]")) figure.textContent = state[figure.dataset.figure];
    document.querySelector("[data-state-name]").textContent = state.state_name;
    const share = state.total ? Math.round((100 * state.done) / state.total) : 0;
    box.querySelector("[data-bar]").style.width = `${share}%`;
    box.querySelector("[role=progressbar]").setAttribute("aria-valuenow", share);
    if (state.finished) { location.reload(); return; }
  } catch {
    // 网络断了一下，接着问
  }
  setTimeout(look, 2000);
}
if (box) look();
