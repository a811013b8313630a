#include <gatehouse/http/negotiation.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "request_of.hpp"

namespace gatehouse {
namespace {

using test::lines;
using test::request_of;
using offers = std::vector<std::string_view>;

struct row {
  const char* name;
  lines fields;
  offers offered;
  std::string want;  // "-": nothing
};

template <typename Choose, std::size_t N>
void expect(Choose choose, const row (&rows)[N]) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const auto request = request_of(method::get, r.fields);
    const auto best = choose(request->fields, std::span<const std::string_view>{r.offered});
    EXPECT_EQ(best ? std::string{r.offered[*best]} : "-", r.want);
  }
}

const offers both{"text/html", "application/json"};

TEST(negotiation, of_media_types) {
  const row rows[] = {
      {"no field: the first", {}, both, "text/html"},
      {"nothing offered", {}, {}, "-"},
      {"one named", {{"Accept", "application/json"}}, both, "application/json"},
      {"any case", {{"Accept", "Application/JSON"}}, both, "application/json"},
      {"none of them", {{"Accept", "image/png"}}, both, "-"},
      {"anything", {{"Accept", "*/*"}}, both, "text/html"},
      {"a range", {{"Accept", "application/*"}}, both, "application/json"},
      {"the better liked", {{"Accept", "text/html;q=0.5, application/json"}}, both, "application/json"},
      {"equally liked: in the client's order", {{"Accept", "application/json, text/html"}}, both, "application/json"},
      {"equally liked: the more precise", {{"Accept", "*/*, application/json"}}, both, "application/json"},
      {"the precise one decides about quality",
       {{"Accept", "text/*;q=0.9, text/html;q=0.1, */*;q=0.5"}},
       both,
       "application/json"},
      {"excluded", {{"Accept", "*/*, text/html;q=0"}}, both, "application/json"},
      {"all excluded", {{"Accept", "*/*;q=0"}}, both, "-"},
      {"two lines", {{"Accept", "text/html;q=0.1"}, {"Accept", "application/json"}}, both, "application/json"},
      {"a browser", {{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}}, both, "text/html"},
      {"a parameter that the offer has",
       {{"Accept", "text/html;level=1"}},
       {"text/html", "text/html;level=1"},
       "text/html;level=1"},
      {"a parameter that the offer has not", {{"Accept", "text/html;level=1"}}, both, "-"},
      {"a parameter and a quality",
       {{"Accept", "text/html;level=1;q=0.3, */*;q=0.2"}},
       {"text/html", "text/html;level=1"},
       "text/html;level=1"},
      {"a comma in quotes", {{"Accept", "text/html;a=\"x,application/json\""}}, both, "-"},
      {"quality with three digits",
       {{"Accept", "text/html;q=0.998, application/json;q=0.999"}},
       both,
       "application/json"},
      {"q=1.000", {{"Accept", "text/html;q=1.000"}}, both, "text/html"},
      {"Q in upper case, with spaces",
       {{"Accept", "text/html ; Q=0.1 , application/json ;q=0.2"}},
       both,
       "application/json"},
      {"an invalid quality: as if it were not there",
       {{"Accept", "text/html;q=2, application/json;q=0.1"}},
       both,
       "application/json"},
      {"four digits are invalid", {{"Accept", "text/html;q=0.1234"}}, both, "-"},
      {"a negative quality", {{"Accept", "text/html;q=-1"}}, both, "-"},
      {"no slash", {{"Accept", "json, html"}}, both, "-"},
      {"empty", {{"Accept", ""}}, both, "-"},
      {"commas", {{"Accept", ",,,"}}, both, "-"},
  };
  expect([](const fields& f, auto o) { return best_media_type(f, o); }, rows);

  std::string many;
  for (int i = 0; i < 64; ++i) many += "a/b,";
  many += "text/html";
  const row bounded[] = {{"the 65th element", {{"Accept", many}}, both, "-"}};
  expect([](const fields& f, auto o) { return best_media_type(f, o); }, bounded);
}

TEST(negotiation, of_languages) {
  const offers three{"en", "de", "de-AT"};
  const row rows[] = {
      {"no field: the first", {}, three, "en"},
      {"one named", {{"Accept-Language", "de"}}, three, "de"},
      {"exactly, before its kin", {{"Accept-Language", "de-AT"}}, three, "de-AT"},
      {"kin of what is named", {{"Accept-Language", "en-GB"}}, three, "en"},
      {"kin of what is offered", {{"Accept-Language", "en"}}, {"fr", "en-US"}, "en-US"},
      {"only the same begin of a word", {{"Accept-Language", "e"}}, three, "-"},
      {"better liked", {{"Accept-Language", "en;q=0.3, de;q=0.7"}}, three, "de"},
      {"anything", {{"Accept-Language", "fr, *;q=0.1"}}, three, "en"},
      {"excluded", {{"Accept-Language", "*, en;q=0"}}, three, "de"},
      {"none", {{"Accept-Language", "fr"}}, three, "-"},
  };
  expect([](const fields& f, auto o) { return best_language(f, o); }, rows);
}

TEST(negotiation, says_how_much_a_coding_is_liked) {
  struct {
    const char* sent;
    int br;
    int gzip;
    int identity;
  } const rows[] = {
      {"", 0, 0, 1},
      {"gzip, deflate, br, zstd", 1000, 1000, 1},
      {"gzip;q=0.5, *;q=0.1", 100, 500, 100},
      {"br;q=0, *", 0, 1000, 1000},
      {"identity;q=0", 0, 0, 0},
      {"x-gzip;q=0.25, identity;q=0.5", 0, 250, 500},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.sent);
    fields f;
    ASSERT_TRUE(f.append(field::accept_encoding, "Accept-Encoding", row.sent));
    EXPECT_EQ(coding_quality(f, "br"), row.br);
    EXPECT_EQ(coding_quality(f, "gzip"), row.gzip);
    EXPECT_EQ(coding_quality(f, "identity"), row.identity);
  }
}

TEST(negotiation, of_codings) {
  const offers all{"br", "gzip", "identity"};
  const row rows[] = {
      {"no field: not compressed", {}, all, "identity"},
      {"empty: not compressed", {{"Accept-Encoding", ""}}, all, "identity"},
      {"a browser", {{"Accept-Encoding", "gzip, deflate, br, zstd"}}, all, "gzip"},
      {"ours in its order", {{"Accept-Encoding", "br, gzip"}}, all, "br"},
      {"by quality", {{"Accept-Encoding", "gzip;q=0.5, br;q=0.9"}}, all, "br"},
      {"the old name", {{"Accept-Encoding", "x-gzip"}}, all, "gzip"},
      {"excluded", {{"Accept-Encoding", "gzip;q=0"}}, all, "identity"},
      {"anything", {{"Accept-Encoding", "*"}}, all, "br"},
      {"anything but", {{"Accept-Encoding", "*, br;q=0"}}, all, "gzip"},
      {"rather not compressed", {{"Accept-Encoding", "gzip;q=0.5, identity"}}, all, "identity"},
      {"only something that we do not have", {{"Accept-Encoding", "zstd"}}, all, "identity"},
      {"not uncompressed either", {{"Accept-Encoding", "zstd, identity;q=0"}}, all, "-"},
      {"nothing at all", {{"Accept-Encoding", "*;q=0"}}, all, "-"},
  };
  expect([](const fields& f, auto o) { return best_coding(f, o); }, rows);
}

TEST(negotiation, of_pages) {
  struct {
    const char* name;
    lines fields;
    bool want;
  } const rows[] = {
      {"a browser that navigates", {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}}, true},
      {"a range of texts", {{"Accept", "text/*"}}, true},
      {"anything is not by name", {{"Accept", "*/*"}}, false},
      {"no field", {}, false},
      {"excluded", {{"Accept", "text/html;q=0, */*"}}, false},
      {"JSON", {{"Accept", "application/json"}}, false},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(names_media_type(request_of(method::get, r.fields)->fields, "text/html"), r.want);
  }
}

}  // namespace
}  // namespace gatehouse
