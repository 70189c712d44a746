import { Button, Card, Group, Stack, Text, Textarea, TextInput, Title } from "@mantine/core"
import { IconEyeOff, IconPlayerStop, IconWand } from "@tabler/icons-react"
import { type FormEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import { LONGEST, NOTHING, type PastedMail, usePastedMail } from "./mail"
import { SampleSelect } from "./sample-select"

interface MailFormProps {
  organisationId: string
  assistantId: string
  running: boolean
  onTry: (mail: PastedMail) => void
  onStop: () => void
}

export function MailForm({ organisationId, assistantId, running, onTry, onStop }: MailFormProps) {
  const { t } = useTranslation("playground")
  const [mail, setMail] = usePastedMail(assistantId)
  const [complaint, setComplaint] = useState("")
  const { number } = useFormats()
  const change = (changed: Partial<PastedMail>) => {
    setComplaint("")
    setMail({ ...mail, ...changed })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!mail.text.trim()) return setComplaint(t("mail.missing"))
    if (mail.text.length > LONGEST) return setComplaint(t("mail.tooLong", { most: number(LONGEST) }))
    onTry(mail)
  }
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="mail-title">
      <form onSubmit={submit} noValidate>
        <Stack>
          <Title order={2} size="h4" id="mail-title">
            {t("mail.title")}
          </Title>
          <SampleSelect organisationId={organisationId} onPick={change} />
          <TextInput
            label={t("mail.subject")}
            value={mail.subject}
            maxLength={255}
            onChange={event => change({ subject: event.currentTarget.value })}
            autoComplete="off"
          />
          <TextInput
            label={t("mail.sender")}
            placeholder={t("mail.senderExample")}
            value={mail.sender}
            maxLength={255}
            onChange={event => change({ sender: event.currentTarget.value })}
            autoComplete="off"
          />
          <Textarea
            label={t("mail.text")}
            placeholder={t("mail.textExample")}
            value={mail.text}
            onChange={event => change({ text: event.currentTarget.value })}
            error={complaint}
            autosize
            minRows={9}
            maxRows={24}
            required
            autoComplete="off"
          />
          <Group gap="xs" wrap="nowrap" align="flex-start" c="dimmed">
            <IconEyeOff size={18} aria-hidden />
            <Text size="sm" flex={1}>
              {t("mail.privacy")}
            </Text>
          </Group>
          <Group>
            {running ? (
              <Button
                color="red"
                variant="outline"
                leftSection={<IconPlayerStop size={18} />}
                onClick={onStop}
                key="stop"
              >
                {t("stop")}
              </Button>
            ) : (
              <Button type="submit" leftSection={<IconWand size={18} />} key="start">
                {t("start")}
              </Button>
            )}
            {mail !== NOTHING && !running && (
              <Button variant="subtle" onClick={() => change(NOTHING)}>
                {t("mail.clear")}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Card>
  )
}
