const SHORTEST = 3
const LONGEST = 40
// Half of all businesses have these, so they are taken, and say nothing.
const NOBODYS = new Set(
  "info kontakt contact mail post office hallo hello rezeption reception buchung booking service support team admin".split(
    " ",
  ),
)
const SPELT: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" }

/** A user name for whoever has this address: "anna.gruber", or "hotel-seerose" for info@hotel-seerose.de. */
export function suggestUserName(email: string): string {
  const [local = "", domain = ""] = email.trim().toLowerCase().split("@")
  const host = domain.split(".").slice(0, -1).join(".")
  const candidates = NOBODYS.has(local) ? [host, local] : [local, host]
  return candidates.map(asUserName).find(name => name.length >= SHORTEST) ?? ""
}

function asUserName(text: string): string {
  const spelt = text.replace(/[äöüß]/g, letter => SPELT[letter] ?? "")
  const plain = spelt.normalize("NFD").replace(/[^a-z0-9._-]+/g, "")
  return plain.replace(/^[^a-z0-9]+/, "").slice(0, LONGEST)
}
