#include <gatehouse/server/compression.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "compressing_transport.hpp"

namespace gatehouse {
namespace {

using namespace detail::server;

// Above it brotli takes up to 38 MiB for one response, and more time than most answers are worth.
constexpr int highest_brotli_level = 6;

class compression_around final : public around_function {
 public:
  explicit compression_around(const compression_config& c) noexcept : config_(c) {}
  [[nodiscard]] std::optional<answer_or_next> run(call& c, const next& n, const around_turn&) const override {
    compressing_transport::begin(c, config_);
    return answer_or_next{n()};
  }

 private:
  compression_config config_;
};

void judge_level(std::string_view key, int level, int highest, config_errors& errors) {
  if (level >= 0 && level <= highest) return;
  const std::string range = "1 to " + std::to_string(highest);
  errors.push_back({.key = std::string{key},
                    .value = std::to_string(level),
                    .code = "out-of-range",
                    .message = "a level is " + range + ", or 0: the coding is not offered",
                    .suggestion = level < 0 ? "1" : std::to_string(highest)});
}

}  // namespace

pending_around compression(const compression_config& c) {
  config_errors errors;
  judge_level("compression.brotli_level", c.brotli_level, highest_brotli_level, errors);
  judge_level("compression.gzip_level", c.gzip_level, 9, errors);
  if (!errors.empty()) return pending_around{failure{std::move(errors)}};
  return pending_around{std::shared_ptr<const around_function>{std::make_shared<const compression_around>(c)}};
}

}  // namespace gatehouse
