import { expect, test } from "vitest"
import { suggestUserName } from "@/pages/auth/user-name"

test.each([
  ["Anna.Gruber@hotel-seerose.example", "anna.gruber"],
  ["info@hotel-seerose.example", "hotel-seerose"],
  ["jürgen.weiß@example.org", "juergen.weiss"],
  ["a@praxis.example", "praxis"],
  ["anna", "anna"],
  ["@", ""],
  ["+++@x.example", ""],
])("suggests a user name for %s", (email, expected) => {
  expect(suggestUserName(email)).toBe(expected)
})
