// What is chosen is one of the offers; without a wish for it, adding an offer that nobody can name changes nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <array>

#include <gatehouse/http/negotiation.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

  static fields request;
  const auto with = [&](field name) -> const fields& {
    request.clear();
    (void)request.append(name, text);
    return request;
  };
  using offers = std::array<std::string_view, 3>;
  const offers types{"text/html", "application/json;a=b", "image/png"};
  const offers tags{"en", "de-AT", "x"};
  const offers codings{"br", "gzip", "identity"};
  const auto inside = [](const auto& best) { require(!best || *best < 3); };
  inside(best_media_type(with(field::accept), types));
  inside(best_language(with(field::accept_language), tags));
  inside(best_coding(with(field::accept_encoding), codings));
  if (names_media_type(with(field::accept), "text/html")) {
    require(best_media_type(with(field::accept), std::array<std::string_view, 1>{"text/html"}).has_value() ||
            text.find("text/html") != std::string_view::npos);
  }
  // A coding is chosen only if it is named or "*" is.
  const auto coding = best_coding(with(field::accept_encoding), codings);
  if (coding && *coding == 0) {
    require(text.find_first_of("bB") != std::string_view::npos || text.find('*') != std::string_view::npos);
  }
  return 0;
}
