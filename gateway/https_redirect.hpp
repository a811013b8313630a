#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gatehouse/http/authority.hpp>
#include <gatehouse/server/app.hpp>

namespace gatehouse::program {

struct redirect_settings {
  /// Whether a host is one of ours: nobody else's name is ever written into an answer.
  std::function<bool(const authority&)> answers_for{};
  std::vector<std::string> also_on_loopback{};  ///< accepted there beside the loopback names
  std::uint16_t https_port = 443;
};

/// What a listener for plain HTTP does beside one for HTTPS: every request gets 308 to the same place there, whatever
/// its method, and nothing else. A preflight gets that, too, without a field of CORS, and so fails.
[[nodiscard]] app https_redirect(redirect_settings s);

}  // namespace gatehouse::program
