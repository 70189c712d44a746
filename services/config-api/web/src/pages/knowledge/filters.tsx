import { CloseButton, Group, Select, TextInput } from "@mantine/core"
import { useDebouncedCallback } from "@mantine/hooks"
import { IconSearch } from "@tabler/icons-react"
import { memo, useEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { VALIDITIES, type Validity } from "./data/search"
import type { KnowledgeSearch } from "./data/search-params"
import { useLanguages } from "./table/use-languages"

interface FiltersProps {
  search: KnowledgeSearch
  tags: string[]
  languages: string[]
  onSearch: (search: Partial<KnowledgeSearch>, replace?: boolean) => void
}

const TYPING_MS = 200

export const Filters = memo(function Filters({ search, tags, languages, onSearch }: FiltersProps) {
  const { t } = useTranslation("knowledge")
  const { choices } = useLanguages()
  const validities = VALIDITIES.map(value => ({ value, label: t(`validity.${value}`) }))
  return (
    <Group gap="sm" mb="sm" align="flex-end">
      <SearchInput q={search.q ?? ""} onSearch={q => onSearch({ q }, true)} />
      <Select
        aria-label={t("filter.tag")}
        placeholder={t("filter.tag")}
        data={search.tag && !tags.includes(search.tag) ? [search.tag, ...tags] : tags}
        value={search.tag ?? null}
        onChange={tag => onSearch({ tag: tag ?? undefined }, true)}
        clearable
        searchable={tags.length > 8}
        clearButtonProps={{ "aria-label": t("filter.clear") }}
        flex="1 1 150px"
      />
      {languages.length > 1 && (
        <Select
          aria-label={t("filter.language")}
          placeholder={t("filter.language")}
          data={choices(languages).filter(({ value }) => languages.includes(value))}
          value={search.language ?? null}
          onChange={language => onSearch({ language: language ?? undefined }, true)}
          clearable
          clearButtonProps={{ "aria-label": t("filter.clear") }}
          flex="1 1 130px"
        />
      )}
      <Select
        aria-label={t("filter.validity")}
        placeholder={t("filter.validity")}
        data={validities}
        value={search.validity ?? null}
        onChange={validity => onSearch({ validity: (validity ?? undefined) as Validity | undefined }, true)}
        clearable
        clearButtonProps={{ "aria-label": t("filter.clear") }}
        flex="1 1 150px"
      />
    </Group>
  )
})

/** What is typed goes into the address once the fingers rest. */
function SearchInput({ q, onSearch }: { q: string; onSearch: (q: string | undefined) => void }) {
  const { t } = useTranslation("knowledge")
  const [value, setValue] = useState(q)
  const told = useRef(q)
  const tell = useDebouncedCallback((text: string) => {
    told.current = text
    onSearch(text || undefined)
  }, TYPING_MS)
  useEffect(() => {
    if (q === told.current) return
    told.current = q
    setValue(q)
  }, [q])
  const change = (text: string) => {
    setValue(text)
    tell(text)
  }
  return (
    <TextInput
      type="search"
      aria-label={t("filter.search")}
      placeholder={t("filter.search")}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        value && <CloseButton size="sm" aria-label={t("filter.clear")} onClick={() => change("")} />
      }
      value={value}
      onChange={event => change(event.currentTarget.value)}
      flex="3 1 240px"
    />
  )
}
