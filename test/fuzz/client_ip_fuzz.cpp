// Lists of forwarded addresses. The input's first byte chooses the field, each line of the rest is one field line.
// Properties: an untrusted peer is the client; never more than max_hops; and nothing that a client writes, which always
// stands to the left of what the proxies write, changes where the walk from the right ends.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/rules/client_ip.hpp>

namespace {

using namespace gatehouse;

constexpr unsigned max_hops = 5;

std::unique_ptr<const client_ip_policy> trusting_ten(const char* header) {
  return *client_ip_policy::make({.trusted_proxies = {"10.0.0.0/8"}, .header = header, .max_hops = max_hops});
}

client_ip_decision decide(const client_ip_policy& policy, field id, const std::vector<std::string>& lines,
                          const char* peer) {
  request_head head;
  for (const std::string& line : lines) {
    if (!head.fields.append(id, line)) break;
  }
  return policy.check(head, {.peer = *ip_address::parse(peer)});
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos || lines.size() == max_field_lines - 1) return lines;
    text.remove_prefix(end + 1);
  }
}

void check(const client_ip_policy& policy, field id, const std::vector<std::string>& lines) {
  const auto outside = decide(policy, id, lines, "203.0.113.9");
  GATEHOUSE_ASSERT(outside.client == *ip_address::parse("203.0.113.9") && outside.hops == 0 && !outside.client_secure);

  const auto inside = decide(policy, id, lines, "10.0.0.9");
  GATEHOUSE_ASSERT(inside.peer_trusted && inside.hops <= max_hops);
  GATEHOUSE_ASSERT(inside.hops != 0 || inside.client == *ip_address::parse("10.0.0.9"));

  // The walk ended at a client: whatever more that client had written, it ends there.
  if (ip_range::parse("10.0.0.0/8")->contains(inside.client)) return;
  for (const char* written :
       {"6.6.6.6, ", "for=6.6.6.6;proto=https, ", "\"x, ", "for=\"x\\\", ", ",", "\\, ", "10.0.0.1, "}) {
    auto more = lines;
    more.front().insert(0, written);
    GATEHOUSE_ASSERT(decide(policy, id, more, "10.0.0.9") == inside);
  }
  auto more = lines;
  more.insert(more.begin(), "for=\"6.6.6.6");
  GATEHOUSE_ASSERT(decide(policy, id, more, "10.0.0.9") == inside);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto list = trusting_ten("x-forwarded-for");
  static const auto forwarded = trusting_ten("forwarded");
  if (size == 0) return 0;
  const auto lines = lines_of({reinterpret_cast<const char*>(data + 1), size - 1});
  if (data[0] % 2 == 0) {
    check(*list, field::x_forwarded_for, lines);
  } else {
    check(*forwarded, field::forwarded, lines);
  }
  return 0;
}
