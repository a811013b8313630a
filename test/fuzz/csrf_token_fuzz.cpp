// Only what issue() made verifies: no text of a stranger, and no token with a byte of it changed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/rules/csrf_token.hpp>

#include "fuzz_input.hpp"

namespace {

const gatehouse::csrf_keyring& keys() {
  static const auto made = gatehouse::csrf_keyring::make(
      {"P0w4ZrTnE8sVxKqL2mHdJ6cYbG9fAu3i", "m5NzQ7vWk1RtYxJ0cBhLg8SfPd3Uj2Ea"});
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;
  // The first line is a session's id, the rest what came as a token.
  const std::size_t line = text.find('\n');
  const std::string_view id = text.substr(0, line);
  const std::string_view sent = line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  (void)is_random_csrf_id(sent);
  if (id.empty()) {
    require(!keys().verify(sent, id));
    return 0;
  }

  seeded_random random{1};
  const std::string token = keys().issue(id, random);
  require(token.size() == csrf_token_size && keys().verify(token, id));
  require(keys().verify(sent, id) == (sent == token));
  require(!keys().verify(token, std::string{id} + '\n'));
  // What was sent, laid over the token.
  std::string changed = token;
  for (std::size_t i = 0; i < sent.size() && i < changed.size(); ++i) changed[i] = sent[i];
  require(keys().verify(changed, id) == (changed == token));
  // And one byte of it.
  changed = token;
  if (sent.size() >= 2) {
    const std::size_t at = static_cast<unsigned char>(sent[0]) % changed.size();
    changed[at] = sent[1];
    require(keys().verify(changed, id) == (changed == token));
  }
  return 0;
}
