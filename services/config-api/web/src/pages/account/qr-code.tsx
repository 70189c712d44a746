import { encode } from "uqr"
import classes from "@/pages/account/account.module.css"

const QUIET = 4 // modules of white around it (ISO/IEC 18004)

/** Drawn by us, so that what it says goes nowhere. Dark on white also in the dark, or cameras miss it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: QUIET })
  const dark = data.flatMap((row, y) => row.flatMap((set, x) => (set ? `M${x} ${y}h1v1h-1z` : [])))
  return (
    <svg className={classes.qr} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={dark.join("")} shapeRendering="crispEdges" />
    </svg>
  )
}
