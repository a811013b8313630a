// One line of conditions: an entity-tag by itself matches itself; 304 and 412 never come from what is not valid.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/conditional.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

  const system_time now{seconds{1'700'000'000}};
  const auto evaluated = [&](field name, std::string_view etag) {
    static request_head head;
    head.verb = method::get;
    head.fields.clear();
    (void)head.fields.append(name, text);
    return evaluate(head, {.etag = etag, .last_modified = system_time{seconds{784111777}}}, now);
  };
  const precondition matched = evaluated(field::if_match, "\"never-sent-by-a-fuzzer-7c1e\"");
  require(matched != precondition::not_modified);
  if (is_entity_tag(text)) {
    require(evaluated(field::if_none_match, text) == precondition::not_modified);
    require((evaluated(field::if_match, text) == precondition::proceed) == !text.starts_with("W/"));
    require(evaluated(field::if_none_match, "\"never-sent-by-a-fuzzer-7c1e\"") == precondition::proceed ||
            text.find("never-sent") != std::string_view::npos);
  }
  require(evaluated(field::if_modified_since, "\"a\"") != precondition::failed);
  require(evaluated(field::if_unmodified_since, "\"a\"") != precondition::not_modified);
  return 0;
}
