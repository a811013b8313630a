#pragma once
// Proactive negotiation, RFC 9110 section 12. Pure.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <gatehouse/http/fields.hpp>

namespace gatehouse {

/// Elements of one Accept field that are looked at; later ones are as if they were not there.
inline constexpr std::size_t max_preferences = 64;

// Which of `offers` the client likes best: its position, or nothing when none is acceptable. Of equals the one that the
// client named more precisely, then the one it named first, then the first offer. Without the field every offer is
// fine. Elements that are not valid are ignored.

/// By Accept. An offer is a media type: "text/html", "text/html;level=1".
[[nodiscard]] std::optional<std::size_t> best_media_type(const fields& request,
                                                         std::span<const std::string_view> offers) noexcept;
/// By Accept-Language; "en" and "en-GB" match each other, less precisely.
[[nodiscard]] std::optional<std::size_t> best_language(const fields& request,
                                                       std::span<const std::string_view> offers) noexcept;
/// By Accept-Encoding. "identity" is acceptable unless it is excluded; without the field, nothing else is chosen
/// (section 12.5.3 allows any coding then, but who says nothing may not know any).
[[nodiscard]] std::optional<std::size_t> best_coding(const fields& request,
                                                     std::span<const std::string_view> offers) noexcept;

/// How much Accept-Encoding likes this coding, in thousandths; 0: not at all. "identity" that is not mentioned gets 1:
/// acceptable, but behind everything that is.
[[nodiscard]] int coding_quality(const fields& request, std::string_view coding) noexcept;

/// Whether Accept names this type or, for "text/html", "text/*", itself: "*/*" does not count. A browser that navigates
/// says text/html; one that loads a script or an API client does not.
[[nodiscard]] bool names_media_type(const fields& request, std::string_view type) noexcept;

}  // namespace gatehouse
