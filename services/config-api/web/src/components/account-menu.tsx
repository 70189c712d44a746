import { ActionIcon, Menu } from "@mantine/core"
import { IconLogout, IconSettings, IconShieldCog, IconUser } from "@tabler/icons-react"
import { Link, useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useAccount, useForgetEverything } from "@/app/account"
import { forgetKept } from "@/app/kept"
import { useSentence } from "@/components/problem-alert"
import { complained } from "@/components/tell"

export function AccountMenu() {
  const { t } = useTranslation()
  const account = useAccount()
  const navigate = useNavigate()
  const forget = useForgetEverything()
  const sentence = useSentence()
  const logOut = api.useMutation("post", "/api/v1/auth/logout", {
    onMutate: forgetKept, // also where the server is not to be reached
    onSuccess: async () => {
      await navigate({ to: "/" })
      forget()
    },
    onError: error => complained(sentence(error)),
  })
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={t("account", { name: account.user_name })}>
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{account.user_name}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconSettings size={16} />}>
          {t("nav.account")}
        </Menu.Item>
        {account.operator && (
          <Menu.Item component={Link} to="/operator" leftSection={<IconShieldCog size={16} />}>
            {t("nav.operator")}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => logOut.mutate({})}>
          {t("logOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
