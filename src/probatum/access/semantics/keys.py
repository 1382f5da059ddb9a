"""What is known of condition keys: which hold one value, which several, which are truth values.

These are axioms: facts about requests that no policy states. Without them a
counterexample may be a request that cannot occur. They are few, each has a name,
and every proof lists those it rests on. Source: the AWS global condition key
reference; see `axioms`.
"""

from __future__ import annotations

SEVERAL = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    }
)

TRUTH = frozenset(
    {
        "aws:multifactorauthpresent",
        "aws:principalisawsservice",
        "aws:securetransport",
        "aws:viaawsservice",
        "aws:viaawsmcpservice",
        "aws:ismcpserviceaction",
    }
)

ONE = TRUTH | frozenset(
    {
        "aws:assumedroot",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:currenttime",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:epochtime",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:referer",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:userid",
        "aws:username",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpcsourceip",
    }
)

# Keys whose values are names that services make or restrict, and never contain `*` or `?`.
NAMES = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "aws:vpceaccount",
        "aws:vpceorgid",
    }
)

_one_prefixes = ("aws:principaltag/", "aws:resourcetag/", "aws:requesttag/")


def holds_one_value(key: str) -> bool:
    """Whether a key, in lower case, never carries more than one value."""
    return key in ONE or key.startswith(_one_prefixes)


def may_hold_several(key: str, read_as_set: bool) -> bool:
    """Whether a key may carry several values; unknown keys do if a policy reads them with a set operator."""
    return key in SEVERAL or (read_as_set and not holds_one_value(key))
