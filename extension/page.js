// Functions that run inside a web page. Each is sent there alone, so it can use nothing from outside itself.

/** The pictures of a page or frame, largest on the screen first: address, own size in pixels, and what they show. */
export function collect() {
  const LEAST = 64; // pixels; what is smaller on a side is an icon
  const MOST = 200;
  const found = new Map();
  const add = (address, element, width, height, text) => {
    if (!/^(https?|data:image|blob):?/.test(address)) return;
    const shown = element.getBoundingClientRect();
    if (Math.min(width || shown.width, height || shown.height) < LEAST) return;
    const area = shown.width * shown.height;
    const known = found.get(address);
    if (!known || known.area < area) found.set(address, { address, width, height, text, area });
  };
  const visit = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === "img") add(element.currentSrc || element.src, element, element.naturalWidth, element.naturalHeight, element.alt);
      else if (element.localName === "image" && element.href) add(new URL(element.href.baseVal, document.baseURI).href, element, 0, 0, "");
      else if (element.localName === "video" && element.poster) add(element.poster, element, 0, 0, "");
      const { backgroundImage } = getComputedStyle(element);
      for (const [, address] of backgroundImage.matchAll(/url\("([^"]+)"\)/g)) add(address, element, 0, 0, "");
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  };
  visit(document);
  return [...found.values()].sort((a, b) => b.area - a.area || b.width * b.height - a.width * a.height).slice(0, MOST);
}

/** Address of the picture under the pointer, or else of the one that has the focus; null when there is none. */
export function pointed() {
  const addressOf = (element) => {
    if (element.localName === "img") return element.currentSrc || element.src;
    const [, background] = getComputedStyle(element).backgroundImage.match(/url\("([^"]+)"\)/) ?? [];
    return background ?? null;
  };
  const area = (element) => { const { width, height } = element.getBoundingClientRect(); return width * height; };
  const hovered = [...document.querySelectorAll(":hover")].reverse();
  // Shops lay links and lenses over their pictures, so the picture may lie beside what is hovered, in the same box.
  for (const element of hovered.length ? hovered.slice(0, 4) : [document.activeElement]) {
    if (!element || element === document.body || element === document.documentElement) break;
    const own = addressOf(element);
    if (own) return own;
    const inside = [...element.querySelectorAll("img")].sort((a, b) => area(b) - area(a))[0];
    if (inside) return addressOf(inside);
  }
  return null;
}

/** Bytes of a picture as a data address, from the browser's cache where it is there; null where the page may not. */
export async function bytesInPage(address) {
  try {
    const answer = await fetch(address, { cache: "force-cache" });
    if (!answer.ok) return null;
    const blob = await answer.blob();
    return await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  } catch {
    return null; // another site's picture: the extension has to ask for it itself
  }
}

/** Show on the page what a picture was tagged as. */
export function flash(address, text, colour) {
  const pictures = [...document.images].filter((image) => (image.currentSrc || image.src) === address);
  for (const image of pictures) {
    const { left, top, width, height } = image.getBoundingClientRect();
    const note = document.createElement("div");
    note.textContent = text;
    Object.assign(note.style, {
      position: "fixed", left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`, zIndex: 2147483647,
      boxSizing: "border-box", border: `4px solid ${colour}`, color: "#fff", font: "600 14px system-ui, sans-serif",
      textShadow: `0 0 4px ${colour}, 0 0 4px ${colour}, 0 0 8px ${colour}`, padding: "6px", pointerEvents: "none",
    });
    document.documentElement.append(note);
    setTimeout(() => note.remove(), 2000);
  }
}
