import { expect, test } from "vitest"
import { traced } from "./overlap"

const DOG = { id: "dog", text: "Dürfen Hunde mit? Hunde sind herzlich willkommen und kosten 18 € pro Nacht." }
const CAR = {
  id: "car",
  text: "Gibt es Parkplätze? Hinter dem Haus stehen 40 Stellplätze für 8 € pro Nacht bereit.",
}

test("a sentence is from the entry that it shares most words with", () => {
  const pieces = traced("Guten Tag,\n\nHunde sind bei uns herzlich willkommen. Bis bald!", [CAR, DOG])
  expect(pieces).toEqual([
    { text: "Guten Tag,\n\n" },
    { text: "Hunde sind bei uns herzlich willkommen. ", source: "dog" },
    { text: "Bis bald!" },
  ])
})

test("greetings are from nowhere", () => {
  const polite = { id: "x", text: "Vielen Dank für Ihre Nachricht. Mit freundlichen Grüßen" }
  expect(traced("Guten Tag,\nvielen Dank für Ihre Nachricht.", [polite])).toHaveLength(1)
})

test("what is left open is a piece of its own", () => {
  const pieces = traced("Das kostet [bitte ergänzen: Preis der Sauna] am Tag.", [DOG])
  expect(pieces.map(({ slot }) => slot)).toEqual([undefined, "Preis der Sauna", undefined])
})

test("nothing of the text is lost", () => {
  const text = "Um 15:00 Uhr.\n\n\nHunde? Ja! [bitte ergänzen: Preis]\nGruß"
  const pieces = traced(text, [DOG, CAR])
  expect(pieces.map(piece => piece.text).join("")).toBe(text)
})
