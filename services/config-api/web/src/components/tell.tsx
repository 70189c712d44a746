import { Button, Group, Text } from "@mantine/core"
import { modals } from "@mantine/modals"
import { notifications } from "@mantine/notifications"
import { i18n } from "@/app/i18n"

let count = 0

/** Says that something is done; `undo` adds a button that takes it back. Returns the notification's id. */
export function told(message: string, undo?: () => void): string {
  const id = `told-${count++}`
  const takeBack = () => {
    notifications.hide(id)
    undo?.()
  }
  const body = (
    <Group justify="space-between" gap="sm">
      <Text size="sm">{message}</Text>
      {undo && (
        <Button size="xs" variant="default" onClick={takeBack}>
          {i18n.t("undo")}
        </Button>
      )}
    </Group>
  )
  return notifications.show({
    id,
    message: body,
    color: "green",
    role: "status",
    closeButtonProps: closing(),
  })
}

/** Says that something went wrong with what the reader has just done. */
export function complained(message: string): void {
  notifications.show({ message, color: "red", autoClose: 12_000, role: "alert", closeButtonProps: closing() })
}

function closing() {
  return { "aria-label": i18n.t("close") }
}

interface Question {
  title: string
  text: string
  /** What the button says that does it: "Löschen", not "OK". */
  confirm: string
  onConfirm: () => void
}

/** Asks once before what cannot be undone. */
export function askFirst({ title, text, confirm, onConfirm }: Question): void {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm, cancel: i18n.t("cancel") },
    confirmProps: { color: "red" },
    closeButtonProps: closing(),
    onConfirm,
  })
}
