// What the header profiles say in structured fields is exactly what the serialiser of RFC 9651 writes.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/http/structured_field.hpp>
#include <gatehouse/rules/security_headers.hpp>

namespace gatehouse {
namespace {

std::string sent(const std::string& profile, field id) {
  const auto policy = security_headers_policy::make({.profile = profile});
  if (!policy) return "no such profile";
  const auto all = (*policy)->check(fields{}, true).block->pairs();
  const auto found = std::ranges::find(all, id, &field_block::pair::id);
  return found == all.end() ? std::string{} : found->value;
}

TEST(header_structured_fields, items_are_canonical) {
  struct {
    const char* name;
    const char* profile;
    field id;
    structured::item want;
  } const rows[] = {
      {"opener policy of api", "api", field::cross_origin_opener_policy, structured::token{"same-origin"}},
      {"opener policy of strict", "strict", field::cross_origin_opener_policy, structured::token{"same-origin"}},
      {"embedder policy of strict", "strict", field::cross_origin_embedder_policy, structured::token{"require-corp"}},
      {"agent cluster of helmet", "helmet", field::origin_agent_cluster, true},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(structured::serialize(r.want).value(), sent(r.profile, r.id));
  }
}

TEST(header_structured_fields, the_permissions_policy_is_a_dictionary_of_inner_lists) {
  const std::string value = sent("strict", field::permissions_policy);
  const auto policy = structured::parse_dictionary(value);
  ASSERT_TRUE(policy) << policy.error().offset << ": " << policy.error().expected;
  EXPECT_EQ(structured::serialize(*policy).value(), value);
  EXPECT_EQ(policy->size(), static_cast<std::size_t>(std::ranges::count(value, '=')));  // no feature twice
  std::vector<std::string> with_members;
  for (const auto& [feature, allowed] : *policy) {
    ASSERT_NE(allowed.as_inner_list(), nullptr) << feature;
    if (!allowed.as_inner_list()->items.empty()) with_members.push_back(feature);
  }
  EXPECT_EQ(with_members, (std::vector<std::string>{"sync-xhr"}));
}

}  // namespace
}  // namespace gatehouse
