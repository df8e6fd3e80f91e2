// 图表：把页面里的规格画出来；不用 eval，因此在严格的内容安全策略下也能画。
for (const place of document.querySelectorAll("[data-chart]")) {
  const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  window.vegaEmbed(place, spec, { ast: true, actions: false, renderer: "svg" }).catch((error) => {
    place.textContent = "图没有画出来，请看下面的表。";
    console.error(error);
  });
}
