#include <gatehouse/http/received_cookie.hpp>

#include <string>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

/// "name|value|flags|SameSite|domain|path", or "ignored".
std::string read(std::string_view line) {
  const auto c = received_cookie::parse(line);
  if (!c) return "ignored";
  std::string out = std::string{c->name} + '|' + std::string{c->value} + '|';
  if (c->secure) out += 'S';
  if (c->http_only) out += 'H';
  if (c->partitioned) out += 'P';
  constexpr std::string_view modes[] = {"", "none", "lax", "strict"};
  out.append("|").append(modes[static_cast<std::size_t>(c->same_site)]);
  out.append("|").append(c->domain.value_or("-")).append("|").append(c->path.value_or("-"));
  return out;
}

TEST(received_cookie, is_read_as_browsers_do) {
  struct {
    const char* name;
    std::string line;
    std::string want;
  } const rows[] = {
      {"alone", "sid=abc", "sid|abc|||-|-"},
      {"everything", "sid=abc; Path=/; Domain=example.com; Max-Age=9; Secure; HttpOnly; SameSite=Strict; Partitioned",
       "sid|abc|SHP|strict|example.com|/"},
      {"no spaces", "sid=abc;Secure;HttpOnly", "sid|abc|SH||-|-"},
      {"spaces and tabs", " sid = abc \t;\tsecure ; httponly;  samesite = none ", "sid|abc|SH|none|-|-"},
      {"attributes in any case", "a=1; SECURE; hTTPoNLY; sAMEsITE=lAX; PATH=/x", "a|1|SH|lax|-|/x"},
      {"a value of Secure means nothing", "a=1; Secure=false; HttpOnly=0", "a|1|SH||-|-"},
      {"an equals sign in the value", "a=b=c", "a|b=c|||-|-"},
      {"quotes are part of the value", "a=\"b c\"; Path=/", "a|\"b c\"|||-|/"},
      {"a semicolon ends it in quotes, too", "a=\"b; Secure\"", "a|\"b|||-|-"},
      {"an attribute's name in the value is none", "a=Secure", "a|Secure|||-|-"},
      {"a comma is no separator", "a=1, b=2; Secure", "a|1, b=2|S||-|-"},
      {"empty value", "a=; Secure", "a||S||-|-"},
      {"no name", "=1; Secure", "|1|S||-|-"},
      {"no equals sign", "abc; Secure", "|abc|S||-|-"},
      {"bytes above ASCII", "a=\xc3\xa4", "a|\xc3\xa4|||-|-"},
      {"the last SameSite counts", "a=1; SameSite=Strict; SameSite=None", "a|1||none|-|-"},
      {"an unknown last SameSite is none", "a=1; SameSite=Strict; SameSite=Loose", "a|1|||-|-"},
      {"an empty SameSite is none", "a=1; SameSite=", "a|1|||-|-"},
      {"SameSite without a value is none", "a=1; SameSite", "a|1|||-|-"},
      {"quotes do not belong to SameSite", "a=1; SameSite=\"Lax\"", "a|1|||-|-"},
      {"the last Domain counts, without its dot", "a=1; Domain=a.example; Domain=.b.example", "a|1|||b.example|-"},
      {"an empty Domain is one", "a=1; Domain=", "a|1||||-"},
      {"the last Path counts", "a=1; Path=/a; Path=b", "a|1|||-|b"},
      {"unknown attributes", "a=1; Priority=High; Secured; x=Secure", "a|1|||-|-"},
      {"empty attributes", "a=1;; ;Secure;", "a|1|S||-|-"},
      {"an attribute of 1,024 bytes", "a=1; Path=/" + std::string(1023, 'p'), "a|1|||-|/" + std::string(1023, 'p')},
      {"an attribute of 1,025 bytes is ignored", "a=1; Path=/" + std::string(1024, 'p') + "; HttpOnly", "a|1|H||-|-"},
      {"so is a flag with such a value", "a=1; Secure=" + std::string(1025, 'x'), "a|1|||-|-"},
      {"name and value of 4,096 bytes", "a=" + std::string(4095, 'x'), "a|" + std::string(4095, 'x') + "|||-|-"},
      {"name and value of 4,097 bytes", "a=" + std::string(4096, 'x'), "ignored"},
      {"a control byte", "a=1\x01; Secure", "ignored"},
      {"a line break", "a=1\r\nSet-Cookie: b=2", "ignored"},
      {"NUL", std::string("a=1\0; Secure", 12), "ignored"},
      {"DEL in an attribute", "a=1; Path=/\x7f", "ignored"},
      {"only an equals sign", "=", "ignored"},
      {"only attributes", "; Secure", "ignored"},
      {"only spaces", "  ; Secure", "ignored"},
      {"nothing", "", "ignored"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(read(r.line), r.want);
  }
}

TEST(received_cookie, loses_no_byte) {
  for (const std::string line : {"a=1", " a = 1 ; Secure;;  x=y ", "abc;", "=x; ;;"}) {
    SCOPED_TRACE(line);
    const auto c = received_cookie::parse(line);
    ASSERT_TRUE(c);
    EXPECT_EQ(std::string{c->pair} + std::string{c->attributes}, line);
    std::string together;
    for_each_cookie_attribute(c->attributes, [&](const cookie_attribute& a) { together += a.text; });
    EXPECT_EQ(together, c->attributes);
  }
}

TEST(received_cookie, prefixes_are_known_in_any_case) {
  struct {
    std::string_view name;
    cookie_prefix want;
  } const rows[] = {
      {"sid", cookie_prefix::none},
      {"__Secure-sid", cookie_prefix::secure},
      {"__secure-sid", cookie_prefix::secure},
      {"__Host-sid", cookie_prefix::host},
      {"__HOST-sid", cookie_prefix::host},
      {"__Http-sid", cookie_prefix::http},
      {"__Host-Http-sid", cookie_prefix::host_http},
      {"__Host-", cookie_prefix::host},
      {"__Host", cookie_prefix::none},
      {"_Host-sid", cookie_prefix::none},
      {"x__Host-sid", cookie_prefix::none},
      {"", cookie_prefix::none},
  };
  for (const auto& r : rows) EXPECT_EQ(prefix_of(r.name), r.want) << r.name;
}

}  // namespace
}  // namespace gatehouse
