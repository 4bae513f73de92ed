// Draws the charts of webhooks/templates/webhooks/chart.html with the Chart.js that the theme ships.
// Texts and marks come from the server. Here are colours, the pointer and the keyboard.
(() => {
  "use strict";
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--s-${name}`).trim();
  const isBar = (data, series) => data.form !== "line" || series.bars;

  const colours = (series) => {
    const tone = colour(`tone-${series.tone}`);
    return { borderColor: tone, backgroundColor: tone, pointBackgroundColor: tone, pointBorderColor: tone };
  };

  const dataset = (data, series) => ({
    label: series.name, data: series.values, type: isBar(data, series) ? "bar" : "line", order: isBar(data, series) ? 1 : 0,
    borderWidth: isBar(data, series) ? 0 : 2, borderDash: series.dashed ? [5, 4] : [], borderRadius: 2, maxBarThickness: 26,
    pointRadius: series.dashed ? 0 : 2.5, pointHoverRadius: series.dashed ? 0 : 5, pointHitRadius: 12, tension: 0, spanGaps: false, clip: 8, ...colours(series),
  });

  const options = (data) => {
    const ranked = data.form === "ranked", [value, label] = ranked ? ["x", "y"] : ["y", "x"];
    const text = new Map(data.marks);
    return {
      animation: false, responsive: true, maintainAspectRatio: false, indexAxis: label,
      interaction: { mode: "index", intersect: false, axis: label },
      onClick: (event, touched) => { if (touched.length && data.links[touched[0].index]) location.href = data.links[touched[0].index]; },
      onHover: (event, touched) => { event.native.target.style.cursor = touched.length && data.links[touched[0].index] ? "pointer" : ""; },
      plugins: {
        legend: { display: false }, colors: { enabled: false },
        tooltip: { displayColors: data.series.length > 1, callbacks: { label: (one) => `${one.dataset.label}: ${data.series[one.datasetIndex].texts[one.dataIndex]}` } },
      },
      scales: {
        [value]: {
          min: data.marks[0][0], max: data.marks[data.marks.length - 1][0], stacked: data.stacked, border: { display: false }, grid: {},
          afterBuildTicks: (axis) => { axis.ticks = data.marks.map(([mark]) => ({ value: mark })); },
          ticks: { callback: (mark) => text.get(mark), autoSkip: false },
        },
        [label]: { stacked: data.stacked, grid: { display: false }, ticks: { maxRotation: 0, autoSkip: !ranked, autoSkipPadding: 16 } },
      },
    };
  };

  // Again whenever the theme changes: a canvas does not follow the style sheet.
  const paint = (chart, data) => {
    chart.data.datasets.forEach((one, place) => Object.assign(one, colours(data.series[place])));
    for (const axis of Object.values(chart.options.scales)) {
      axis.ticks.color = colour("chart-text");
      axis.grid.color = colour("chart-grid");
    }
    chart.update();
  };

  const read = (canvas, chart, data) => {
    const said = canvas.closest("figure").querySelector("[role=status]");
    let place = -1;
    const show = () => {
      const active = data.series.flatMap((one, index) => (one.values[place] === null ? [] : [{ datasetIndex: index, index: place }]));
      const at = active.length ? chart.getDatasetMeta(active[0].datasetIndex).data[place] : { x: 0, y: 0 };
      chart.setActiveElements(active);
      chart.tooltip.setActiveElements(active, { x: at.x, y: at.y });
      chart.update("none");
      said.textContent = `${data.labels[place]}: ${data.series.map((one) => `${one.name} ${one.texts[place]}`).join(", ")}`;
    };
    canvas.addEventListener("keydown", (event) => {
      const last = data.labels.length - 1;
      const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place < 0 ? last : place - 1, ArrowUp: place < 0 ? last : place - 1, Home: 0, End: last }[event.key];
      if (event.key === "Enter" && data.links[place]) location.href = data.links[place];
      if (next === undefined) return;
      event.preventDefault();
      place = Math.min(Math.max(next, 0), last);
      show();
    });
    canvas.addEventListener("blur", () => {
      place = -1;
      chart.setActiveElements([]);
      chart.tooltip.setActiveElements([], { x: 0, y: 0 });
      chart.update("none");
    });
  };

  const drawn = [...document.querySelectorAll("canvas[data-chart]")].map((canvas) => {
    const data = JSON.parse(canvas.dataset.chart);
    if (data.form === "ranked") canvas.parentElement.style.height = `${24 + 30 * data.labels.length}px`;
    Chart.defaults.font.family = "Inter, sans-serif";
    const chart = new Chart(canvas, {
      type: data.form === "line" ? "line" : "bar", options: options(data),
      data: { labels: data.labels, datasets: data.series.map((series) => dataset(data, series)) },
    });
    read(canvas, chart, data);
    paint(chart, data);
    return [chart, data];
  });
  const repaint = () => drawn.forEach(([chart, data]) => paint(chart, data));
  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["class"] });
  for (const moment of ["beforeprint", "afterprint"]) window.addEventListener(moment, () => drawn.forEach(([chart]) => chart.resize()));
})();
