// Light or dark as the device asks, before anything is drawn.
document.documentElement.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);
