"""The code of `poe upgrade` that is not rendered, because it runs from a clone of the template.

`dev.upgrade` in a project starts and aborts upgrades. It hands everything else over to
`upgrade.run` of the target. The modules of this package except `revise` may import only
the standard library, and `dev` of the same version.
"""
