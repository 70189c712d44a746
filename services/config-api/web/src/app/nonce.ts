declare global {
  var __webpack_nonce__: string
}

/** What styles that are made in the browser have to carry, so that the page's policy lets them pass. */
export function nonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? ""
}

/** For the styles with which dialogs keep the page behind them from scrolling (react-remove-scroll asks for this). */
export function tellNonce(): void {
  globalThis.__webpack_nonce__ = nonce()
}
