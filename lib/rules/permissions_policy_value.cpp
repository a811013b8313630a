// Permissions-Policy as one configured value: a dictionary of features and who may use each of them.
// https://www.w3.org/TR/permissions-policy-1/#serialization : a browser ignores a member that it does not understand,
// and leaves the feature as it was.
#include <algorithm>
#include <array>

#include <gatehouse/http/origin.hpp>
#include <gatehouse/http/structured_field.hpp>

#include "header_values.hpp"
#include "suggest.hpp"

namespace gatehouse::detail::rules {
namespace {

// Those that a name may have been meant for. There are more, and new ones come: a name that is near none passes.
constexpr std::array<std::string_view, 38> features{"accelerometer",
                                                    "ambient-light-sensor",
                                                    "attribution-reporting",
                                                    "autoplay",
                                                    "bluetooth",
                                                    "browsing-topics",
                                                    "camera",
                                                    "clipboard-read",
                                                    "clipboard-write",
                                                    "compute-pressure",
                                                    "cross-origin-isolated",
                                                    "display-capture",
                                                    "encrypted-media",
                                                    "fullscreen",
                                                    "gamepad",
                                                    "geolocation",
                                                    "gyroscope",
                                                    "hid",
                                                    "identity-credentials-get",
                                                    "idle-detection",
                                                    "interest-cohort",
                                                    "keyboard-map",
                                                    "local-fonts",
                                                    "magnetometer",
                                                    "microphone",
                                                    "midi",
                                                    "payment",
                                                    "picture-in-picture",
                                                    "publickey-credentials-create",
                                                    "publickey-credentials-get",
                                                    "screen-wake-lock",
                                                    "serial",
                                                    "speaker-selection",
                                                    "storage-access",
                                                    "sync-xhr",
                                                    "usb",
                                                    "web-share",
                                                    "xr-spatial-tracking"};

/// `*`, `self`, `src`, or an origin in quotes, which may be of all subdomains.
bool is_allowed(const structured::item& who) {
  constexpr std::string_view any_below = "://*.";
  if (const auto word = who.value.as_token()) return *word == "*" || *word == "self" || *word == "src";
  const auto text = who.value.as_string();
  if (!text) return false;
  std::string place{*text};
  if (const std::size_t at = place.find(any_below); at != std::string::npos) place.erase(at + 3, 2);
  return origin::parse(place).has_value();
}

bool are_allowed(const structured::member& whom) {
  if (const auto* const one = whom.as_item()) return is_allowed(*one);
  return std::ranges::all_of(whom.as_inner_list()->items, is_allowed);
}

}  // namespace

checked_value check_permissions_policy(std::string_view text) {
  const auto parsed = structured::parse_dictionary(text);
  if (!parsed) {
    return wrong("invalid-value",
                 "At character " + std::to_string(parsed.error().offset + 1) + " there should be " +
                     std::string{parsed.error().expected} + ".",
                 "camera=(), geolocation=(self)");
  }
  if (parsed->empty()) return wrong("invalid-value", "It names no feature.", "camera=(), geolocation=(self)");
  for (const auto& [feature, whom] : *parsed) {
    const std::string_view near = nearest(feature, features);
    if (!near.empty() && std::ranges::find(features, feature) == features.end()) {
      return wrong("unknown-feature", "There is no feature \"" + feature + "\".", std::string{near});
    }
    if (!are_allowed(whom)) {
      return wrong("unknown-value", "Who may use " + feature + " is nobody, *, self or an origin in quotes.",
                   feature + "=(self \"https://app.example.com\")");
    }
  }
  const auto canonical = structured::serialize(*parsed);
  return {.value = canonical ? *canonical : std::string{text}};
}

}  // namespace gatehouse::detail::rules
