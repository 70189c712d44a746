import {
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  Menu,
  type MenuItemProps,
  NavLink,
  type NavLinkProps,
} from "@mantine/core"
import { createLink } from "@tanstack/react-router"
import { forwardRef } from "react"

/** Mantine's links and buttons that know the router's paths: `<LinkButton to="/login">`. */
export const LinkButton = createLink(
  forwardRef<HTMLAnchorElement, Omit<ButtonProps, "component">>((props, ref) => (
    <Button ref={ref} component="a" {...props} />
  )),
)

export const LinkAnchor = createLink(
  forwardRef<HTMLAnchorElement, Omit<AnchorProps, "component">>((props, ref) => (
    <Anchor ref={ref} {...props} />
  )),
)

export const LinkNav = createLink(
  forwardRef<HTMLAnchorElement, Omit<NavLinkProps, "component">>((props, ref) => (
    <NavLink ref={ref} {...props} />
  )),
)

export const LinkMenuItem = createLink(
  forwardRef<HTMLAnchorElement, Omit<MenuItemProps, "component">>((props, ref) => (
    <Menu.Item ref={ref} component="a" {...props} />
  )),
)
