/** Whose knowledge it is, as the API's paths name it. */
export interface Place {
  organisation_id: string
  assistant_id: string
}

export const KNOWLEDGE = "/api/v1/organisations/{organisation_id}/assistants/{assistant_id}/knowledge"
export const ENTRY = `${KNOWLEDGE}/{entry_id}` as const
export const VERSIONS = `${ENTRY}/versions` as const
export const CHANGES = `${KNOWLEDGE}/changes` as const
export const CHANGE_SET = `${CHANGES}/{change_set_id}` as const
export const UNDO = `${CHANGE_SET}/undo` as const
export const IMPORT = `${KNOWLEDGE}/import` as const
export const PREVIEW = `${IMPORT}/preview` as const
export const EXPORT = `${KNOWLEDGE}/export` as const
