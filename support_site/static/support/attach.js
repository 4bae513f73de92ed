// Files of a reply: chosen, dropped or pasted. On a draft they are uploaded at once; a new reply lists them and takes them along.
window.eachReply((signal) => {
  "use strict";
  const place = document.querySelector("[data-attach]"), form = place?.closest("form");
  if (!form) return;
  const input = place.querySelector("input[type=file]"), upload = place.querySelector("[data-upload]");
  const list = place.querySelector("[data-chosen]"), error = place.querySelector("[data-attach-error]");

  const size = (bytes) => new Intl.NumberFormat(document.documentElement.lang, bytes < 1e6
    ? { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 } : { style: "unit", unit: "megabyte", maximumFractionDigits: 1 })
    .format(bytes < 1e6 ? Math.max(1, bytes / 1024) : bytes / 1048576);

  const put = (files) => {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    input.files = all.files;
    chosen();
  };

  const shown = (file) => {
    const row = document.createElement("li"), name = document.createElement("span"), remove = document.createElement("button");
    if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
      const picture = new Image();
      picture.alt = "";
      // A data: address, as the pages' policy allows. Only for what is quickly read.
      if (file.size < 5e6) {
        const reader = new FileReader();
        reader.onload = () => { picture.src = reader.result; };
        reader.readAsDataURL(file);
        row.append(picture);
      }
    }
    name.className = "s-attached-name";
    name.textContent = `${file.name}, ${size(file.size)}`;
    remove.type = "button";
    remove.className = "s-textual s-small";
    remove.textContent = place.dataset.textRemove.replace("{name}", () => file.name);
    remove.addEventListener("click", () => { put([...input.files].filter((one) => one !== file)); input.focus(); });
    row.append(name, remove);
    return row;
  };

  const chosen = () => {
    const files = [...input.files], most = Number(place.dataset.most);
    const fits = files.reduce((sum, file) => sum + file.size, 0) <= most;
    error.textContent = fits ? "" : place.dataset.textSize;
    if (!fits) input.value = "";
    if (upload) {
      if (fits && files.length && !form.dataset.sent) { place.setAttribute("aria-busy", "true"); form.requestSubmit(upload); }
      return;
    }
    list.replaceChildren(...[...input.files].map(shown));
  };
  input.addEventListener("change", (event) => { event.stopPropagation(); chosen(); });

  const add = (files) => put(upload ? files : [...input.files, ...files]);
  const over = (on) => form.classList.toggle("s-dropping", on);
  form.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  form.addEventListener("dragleave", (event) => { if (!form.contains(event.relatedTarget)) over(false); });
  form.addEventListener("drop", (event) => {
    over(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add([...event.clipboardData.files]);
  });
  // A file that misses the form would replace the page.
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
    }, { signal });
  }
});
