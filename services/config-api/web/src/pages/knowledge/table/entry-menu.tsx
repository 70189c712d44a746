import { ActionIcon, Menu } from "@mantine/core"
import { IconDotsVertical, IconEdit, IconHistory, IconTrash } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Entry } from "../data/fields"
import classes from "./table.module.css"

/** What can be done with an entry as a whole. */
export interface EntryActions {
  edit: (entry: Entry) => void
  history: (entry: Entry) => void
  remove: (entry: Entry) => void
}

interface ItemsProps {
  entry: Entry
  actions: EntryActions
}

function Items({ entry, actions }: ItemsProps) {
  const { t } = useTranslation("knowledge")
  return (
    <Menu.Dropdown>
      <Menu.Item leftSection={<IconEdit size={16} />} onClick={() => actions.edit(entry)}>
        {t("menu.edit")}
      </Menu.Item>
      <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => actions.history(entry)}>
        {t("menu.history")}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconTrash size={16} />}
        c="var(--mantine-color-error)"
        onClick={() => actions.remove(entry)}
      >
        {t("menu.delete")}
      </Menu.Item>
    </Menu.Dropdown>
  )
}

/** A button with its menu. */
export function EntryMenu({ about, ...props }: ItemsProps & { about: string }) {
  const { t } = useTranslation("knowledge")
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("menu.label", { about })}>
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Items {...props} />
    </Menu>
  )
}

/** The entry whose menu is open, and the button that opened it. */
export interface OpenMenu {
  entry: Entry
  button: HTMLElement
}

interface TableMenuProps {
  open: OpenMenu | undefined
  actions: EntryActions
  onClose: () => void
}

/** One menu for all rows of the table, where one for each would cost more than all of their cells. */
export function TableMenu({ open, actions, onClose }: TableMenuProps) {
  const { t } = useTranslation("knowledge")
  if (!open) return null
  const { left, top, width, height } = open.button.getBoundingClientRect()
  const close = () => {
    onClose()
    // Not where a click elsewhere has closed it.
    requestAnimationFrame(() => document.activeElement === document.body && open.button.focus())
  }
  return (
    <Menu
      opened
      onClose={close}
      returnFocus={false}
      position="bottom-end"
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          aria-label={t("menu.column")}
          className={classes.anchor}
          style={{ left, top, width, height }}
        />
      </Menu.Target>
      <Items entry={open.entry} actions={actions} />
    </Menu>
  )
}
