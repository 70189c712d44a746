/** What a text may rest on: an entry of the knowledge. */
export interface Source {
  id: string
  text: string
}

/** A piece of a text: from that source, or left open (`slot` says what is missing), or neither. */
export interface Piece {
  text: string
  source?: string
  slot?: string
}

const SLOT = /(\[bitte ergänzen: [^\]]+\])/
const SENTENCES = /(?<=[.!?]\s)|(?<=\n)/
const WORDS = /[\p{L}\p{N}]+/gu
const BEGINNING = 6
const SHORTEST = 4
const FEWEST_SHARED = 2
/** Words of greetings and politeness, which say nothing of where a sentence comes from. */
const POLITE = new Set(
  "guten sehr geehrte geehrter damen herren hallo vielen dank nachricht anfrage freundlichen freundliche grüßen grüße bitte gerne können könnten würden haben ihre ihren ihrer ihnen unser unsere unseren eine einen einer dear hello thank thanks your message kind regards please would could with have this that"
    .split(" ")
    .map(beginning),
)

/**
 * Cuts a text into sentences and tells for each which source it shares most words with; `least` is the share of its
 * words that have to be the same, compared by their beginnings. Sentences in a row that rest on the same are one piece.
 */
export function traced(text: string, sources: Source[], least = 0.5): Piece[] {
  const known = sources.map(({ id, text }) => ({ id, words: wordsOf(text) }))
  const pieces: Piece[] = []
  for (const sentence of text.split(SENTENCES)) {
    const source = bestOf(wordsOf(sentence), known, least)
    for (const part of sentence.split(SLOT)) {
      if (part)
        add(pieces, SLOT.test(part) ? { text: part, slot: part.slice(17, -1) } : { text: part, source })
    }
  }
  return pieces
}

function add(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1)
  const sameLine = last && !last.text.includes("\n")
  const alike = last && last.source === piece.source && !last.slot && !piece.slot
  if (alike && (sameLine || !piece.source)) last.text += piece.text
  else pieces.push(piece)
}

interface Known {
  id: string
  words: Set<string>
}

function bestOf(words: Set<string>, known: Known[], least: number): string | undefined {
  let best: { id?: string; share: number } = { share: 0 }
  for (const { id, words: theirs } of known) {
    const shared = [...words].filter(word => theirs.has(word)).length
    const share = shared / Math.max(words.size, 1)
    if (shared >= FEWEST_SHARED && share >= least && share > best.share) best = { id, share }
  }
  return best.id
}

function wordsOf(text: string): Set<string> {
  const words = (text.toLowerCase().match(WORDS) ?? []).filter(
    word => word.length >= SHORTEST || /\d/.test(word),
  )
  return new Set(words.map(beginning).filter(word => !POLITE.has(word)))
}

function beginning(word: string): string {
  return word.slice(0, BEGINNING)
}
