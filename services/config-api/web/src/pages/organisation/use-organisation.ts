import { api, type Schema } from "@/api/client"

/** The organisation, and whether the reader owns it: only owners change anything. */
export function useOrganisation(organisationId: string): {
  organisation: Schema<"OrganisationPublic">
  owner: boolean
} {
  const params = { path: { organisation_id: organisationId } }
  const { data } = api.useSuspenseQuery("get", "/api/v1/organisations/{organisation_id}", { params })
  return { organisation: data, owner: data.role === "owner" }
}
