#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/decision_log.hpp>
#include <gatehouse/server/server.hpp>

namespace gatehouse::program {

/// What the admin API shows, asked on its own threads. Both outlive it.
struct admin_sources {
  const decision_log* decisions = nullptr;
  std::function<connection_survey(std::size_t at_most, milliseconds patience)> connections{};
  std::function<std::string()> policy{};  ///< docs/admin.md: GET /policy
};

/// The admin listener's API: docs/admin.md. `token`: asked of every client; empty: of none.
[[nodiscard]] app admin_api(const admin_sources& shows, const std::string& token);

/// Whether a browser sent this for a page that is not ours, or nobody can say.
[[nodiscard]] bool is_from_another_site(const request& r) noexcept;
/// "Bearer TOKEN" with this token. The time that it takes depends on the lengths only.
[[nodiscard]] bool carries_token(std::string_view authorization, std::string_view token) noexcept;

}  // namespace gatehouse::program
