"""The framing example at run time: official bytes, round trips with the real cipher, and seeded bugs that break their contracts."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("cryptography")

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "framing"
sys.path.insert(0, str(EXAMPLE))

from framing import bound, frames, keys, message, sequence, split, wire  # noqa: E402 - the example is a program of its own, found by its path
from framing.header import FRAMED, DataKey, End, Header, Pair, Start, encode_header, take_header  # noqa: E402 - as above
from framing.wire import ParseError  # noqa: E402 - as above

from probatum.spec import ContractViolation, contract  # noqa: E402 - as above

# From awslabs/aws-encryption-sdk-specification, commit 167041bbc054173e2c008e66bf2f5f424a8f3fe2 (sample code, MIT-0):
# data-format/message-body.md, "Framed Data", "Example Bytes"; and data-format/message-header.md, "Example Bytes".
FRAMED_BODY = bytes.fromhex(
    "000000016BD3FE9CADBCB2135B89E8F11F6471E0A51AF31010FA9EF6F0C76EDFF5AFA33C7D2E8C6C9C5D5175A212AF8E"
    "FBD9A0C3C6E3FB59C125DBF289AC7939BDEE43A80F00F49EACBBD8B21C785089A90DB923699A1495C3B31B500A48A830"
    "201E3AD91EA6DA147F6496DB6BC104A4DEB7F372375ECB289BF84B6D2863889FCB80A1679C361C4B5EC074387A4822B4"
    "A7D9D2CC5150D414AF75F509FCE118BD6D1E798BAEBA4CDBAD009E5F1A571B770041BC783E5F2F418AF157FD461E959A"
    "BB732F27D83DC36DCC9EBC0500D8780357F2BB80066971C2DEEA062F4F36255DE866C042E138236912E9926BBA40E2FC"
    "A820055FFB47E42841876F143B6261D95262DB3459F5D37E76E46522E821364004EE3CC5379732B5F56751FA8E5F26AD"
    "00000002F1140984FF25F943959BE514216C7C6A2234F395F0D2D9B9304670BFA10426088A8BCB3FB58CF384D72EC004"
    "A41455B49A78BAC936E54E682709B7BDA884C1E1705FF696E540D297446A828523DFEE28E74B225A732F2C0C27C6BDA2"
    "7597C90165EF3502546575D46D5EBF221FF787AB2E38FD77125D129C43D44B96778D7CEE3C36625FFF3A985C76F7D320"
    "ED70B1F379729B47E7D9B5FC02FCE9F5C8760D557779520A81D54F9BEC45219D95941F7E5CBAEAC8CEC13B621464757D"
    "AC65B6EF08262D7444670624A3657F7F2A57F1FDE7060503AC37E1972F297A84DF1172C2FA63CF54E6E2B9B6A86F582B"
    "3B16F8681BBC5E4D0B6919B308D5ABCFFECDC4A48577F08B99D766A1E5545670A61F0A3BA3E45A844D15149363ECA38F"
    "FFFFFFFF0000000335F74F1125410F01DD9E04BF0000008EF7A53D372F4672376FBD0B57D1DFE830B965AD1FA910AA5F"
    "5EFFFFF4BC7D431CBA9FA7C4B25AF82E64A04E3AA0915526888595007096FABB3ACAD32A75CFED0C4A4E52A38E41484D"
    "270B7A0FED61810C3A043180DF25E5C53676E4490986557FC051AD55A437F6BC139E9E556199FD606ADC017DBA41CDA4"
    "C9F17A833823F9ECB66B6A5A80FDB4338A48D6A421CB811234FD8D58968351F6F39A040B3E3B"
)

HEADER = bytes.fromhex(
    "01800378B8929B01753D4A45C0217F39404F70FF008E00040005307468697300026973000331616E000A656E63727977"
    "46906F6E000832636F6E7465787400076578616D706C6500156177732D63727970746F2D7075626C69632D6B65790044"
    "41734738674739496E4C50753136594B6C7158544F442B6E796B473859714841687165636A3861586644326535423467"
    "7456453733645A6B79436C412B72414D4F513D3D000200076177732D6B6D73004B61726E3A6177733A6B6D733A75732D"
    "776573742D323A3131313132323232333333333A6B65792F37313563303831382D353832352D343234352D613735352D"
    "31333861366439613131653600A7010102007857A1C1F73705454ECA7C83956C470223DCE8D716C59679973E3CED02A4"
    "EF297F0000007E307C06092A864886F70D010706A06F306D020100306806092A864886F70D010701301E060960864801"
    "650304012E3011040C284116449A0F2A0383659EF8020110803BB23A81333A33605C48840656C38BCB1F9CCE7369E9A3"
    "3EBE33F464610591FECA947262F3418E115121311A75E575ECC561A286E03E2DEBD5CB005D00076177732D6B6D73004E"
    "61726E3A6177733A6B6D733A63612D63656E7472616C2D313A3131313132323232333333333A6B65792F396231336361"
    "34622D616663632D343661382D616134372D62653334333562343233666600A70101020078FAFFFBD6DE06AFAC72F79B"
    "0E57BD873F60F4E6FD1961445A002C94AF787150690000007E307C06092A864886F70D010706A06F306D020100306806"
    "092A864886F70D010701301E060960864801650304012E3011040CB2A820D0CC76616EF2A6B30D020110803B8073D0F1"
    "FDD01BD9B0979082099FDBFCF7B135483CC686D7F3CF7C7ACCC52639122A149571F18A4680E2C43FA34C0E5811D05114"
    "2A363C2AE1139701000000000C00000000734C1BBE032F702584CDA9D02C82BB234CBF4AAB8F5C6002622E886C"
)

IDENTITY = bytes(range(32))
PAIRS = st.builds(Pair, st.binary(max_size=4), st.binary(max_size=4))
KEYS = st.builds(DataKey, st.binary(max_size=4), st.binary(max_size=4), st.binary(max_size=4))
HEADERS = st.builds(
    Header,
    st.builds(Start, st.just(2), st.just(0x0478), st.binary(min_size=32, max_size=32)),
    st.lists(PAIRS, max_size=3).map(tuple),
    st.lists(KEYS, min_size=1, max_size=3).map(tuple),
    st.builds(End, st.just(FRAMED), st.integers(1, 5), st.binary(min_size=32, max_size=32)),
)


def sealed(plaintext: bytes = b"0123456789", frame_length: int = 4) -> tuple[frames.Frame, ...]:
    return keys.seal_all((b"one", b"two"), IDENTITY, split.split(plaintext, frame_length))


def refused(data: bytes, frame_length: int = 4) -> bool:
    try:
        message.decrypt_body((b"one", b"two"), IDENTITY, frame_length, data)
    except ParseError:
        return True
    return False


def test_the_official_framed_body_is_read_to_its_last_byte_and_written_again() -> None:
    read, tail = sequence.parse(FRAMED_BODY + b"footer", 256)

    assert [(f.sequence, f.final, len(f.content)) for f in read] == [(1, False, 256), (2, False, 256), (3, True, 142)]
    assert read[2].tag.hex() == "811234fd8d58968351f6f39a040b3e3b"
    assert tail == b"footer"
    assert sequence.serialise(read) == FRAMED_BODY


def test_the_official_header_is_read_and_written_again() -> None:
    taken = take_header(HEADER)
    assert taken is not None
    header, rest = taken

    assert (header.start.version, header.start.suite) == (1, 0x0378)
    assert [p.key for p in header.context] == [b"0this", b"1an", b"2context", b"aws-crypto-public-key"]
    assert header.context[1].value == b"encryw\x46\x90on"  # the text beside these bytes says "0This" and "encryption"
    assert [k.provider for k in header.data_keys] == [b"aws-kms", b"aws-kms"]
    assert (header.end.content_type, header.end.frame_length) == (1, 0)
    assert rest.hex() == "734c1bbe032f702584cda9d0" + "2c82bb234cbf4aab8f5c6002622e886c"  # IV and tag
    assert encode_header(header) + rest == HEADER


@given(st.integers(0, 2**64 - 1))
def test_integers_are_big_endian(n: int) -> None:
    assert wire.encode_u64(n) == n.to_bytes(8, "big")
    assert wire.decode_u64(n.to_bytes(8, "big")) == n
    assert bound.iv_of(n % 2**32) == (n % 2**32).to_bytes(12, "big")


@settings(max_examples=10, deadline=None)
@given(HEADERS, st.binary(max_size=12), st.lists(st.binary(max_size=3), min_size=1, max_size=3).map(tuple))
def test_what_was_encrypted_is_decrypted_by_the_real_cipher(header: Header, plaintext: bytes, secrets: tuple[bytes, ...]) -> None:
    sent = message.encrypt_message(secrets, header, plaintext)

    assert message.decrypt_message(secrets, sent) == (header, plaintext)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=90), st.integers(1, 6))
def test_any_bytes_are_a_body_or_a_parse_error(data: bytes, frame_length: int) -> None:
    try:
        read, tail = sequence.parse(data, frame_length)
    except ParseError:
        return
    assert sequence.serialise(read) + tail == data


def test_frames_that_are_reordered_repeated_lost_or_cut_are_refused() -> None:
    one, two, three = sealed()
    whole = sequence.serialise((one, two, three))

    assert not refused(whole)
    for wrong in [(two, one, three), (one, one, two, three), (one, two, two, three), (one, three), (two, three), (one, two)]:
        assert refused(sequence.serialise(wrong)), wrong
    assert refused(whole + sequence.serialise((three,)))
    assert all(refused(whole[:size]) for size in range(len(whole)))


def test_no_bit_of_a_body_can_be_changed() -> None:
    whole = sequence.serialise(sealed(b"01234"))

    assert [i for i in range(len(whole)) if not refused(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])] == []


def test_swapping_two_keys_is_refused() -> None:
    assert keys.open_all((b"one", b"two"), IDENTITY, sealed()) == (b"0123", b"4567", b"89")
    assert keys.open_all((b"two", b"one"), IDENTITY, sealed()) is None


@pytest.mark.parametrize(
    ("name", "function", "arguments"),
    [
        ("off_by_one_slice", "split", (b"\0\0", 1)),
        ("exact_multiple", "split", (b"\0", 1)),
        ("starts_at_zero", "numbered", ((b"\0",), 1)),
        ("little_endian", "encode_length", (1,)),
        ("drops_empty_final", "split", (b"", 1)),
        ("signed_u32", "decode_u32", (b"\x80\0\0\0",)),
        ("swapped_keys", "there_and_back", (b"", b"\0", b"", b"")),
        ("swapped_order", "there_and_back", (b"", b"", b"")),
        ("no_tag_check", "genuine", (b"", b"", bytes(16))),
        ("duplicate_accepted", "in_order", ((1, 1),)),
        ("truncated_accepted", "parse", (b"", 1)),
    ],
)
def test_a_seeded_bug_breaks_its_contract(name: str, function: str, arguments: tuple[object, ...]) -> None:
    with pytest.raises(ContractViolation) as broken:
        contract(getattr(bug(name), function))(*arguments)

    assert broken.value.clause in ("ensures", "invariant")


def test_every_seeded_bug_is_tried() -> None:
    tried = test_a_seeded_bug_breaks_its_contract.pytestmark[0].args[1]

    assert {name for name, _, _ in tried} == {p.stem for p in (EXAMPLE / "bugs").glob("*.py")}


def bug(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"seeded_{name}", EXAMPLE / "bugs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_readme_lists_every_sentence_that_the_code_quotes() -> None:
    page = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    requirements = bug("../requirements")

    listed = requirements.quoted(EXAMPLE / "framing")

    assert len(listed) > 30
    assert [one for one in listed if f"| {one[0]} | {one[1]} | `{one[2]}.{one[3]}`" not in page] == []
