import { Container } from "@mantine/core"
import { Navigate } from "@tanstack/react-router"
import { useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { AssistantStep } from "./assistant-step"
import { DraftStep } from "./draft-step"
import { MailboxStep } from "./mailbox-step"
import { OrganisationStep } from "./organisation-step"
import { Steps } from "./steps"
import { type Begun, mayBe, nextStep, type Step, useBegun, usePlace } from "./way"

/** The way in: organisation, assistant, mailbox, and the first draft. */
export function StartPage() {
  const { t } = useTranslation("start")
  const place = usePlace()
  const { begun, error, refetch } = useBegun(place)
  useFocusOnNewStep(place.step)
  if (error) {
    return (
      <>
        <PageHeader title={t("common:problem.title")} />
        <ProblemAlert error={error} onRetry={refetch} />
      </>
    )
  }
  if (!begun) return <Waiting />
  const { step } = place
  if (!step || !mayBe(step, begun)) {
    const organisation = begun.organisation?.id
    return <Navigate to="/start" search={{ step: nextStep(begun), organisation }} replace />
  }
  return (
    <Container size={step === "draft" ? "lg" : 800} px={0}>
      <Steps current={step} begun={begun} />
      <PageHeader title={t(`${step}.title`)} text={t(`${step}.text`)} />
      <CurrentStep begun={begun} />
    </Container>
  )
}

/** Takes those who read by ear to the new step, as a new page would. */
function useFocusOnNewStep(step: Step | undefined) {
  const before = useRef(step)
  useEffect(() => {
    if (before.current && before.current !== step) document.getElementById("main")?.focus()
    before.current = step
  }, [step])
}

function CurrentStep({ begun }: { begun: Begun }) {
  const { step } = usePlace()
  const { organisation, assistant, mailbox } = begun
  if (!organisation || step === "organisation") {
    return <OrganisationStep key={organisation?.id} organisation={organisation} />
  }
  if (!assistant || step === "assistant") {
    return <AssistantStep organisation={organisation} assistant={assistant} />
  }
  if (step === "mailbox") {
    return <MailboxStep organisation={organisation} assistant={assistant} mailbox={mailbox} />
  }
  return <DraftStep organisation={organisation} assistant={assistant} mailbox={mailbox} />
}
