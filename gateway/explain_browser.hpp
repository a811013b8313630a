#pragma once
// `gatehouse explain --origin`: what a browser does with a page's fetch() or WebSocket through the gateway of a
// configuration, and the smallest change of the policy that would let the page read the answer.

#include <optional>
#include <string>
#include <vector>

#include <gatehouse/base/result.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/rules/browser.hpp>

#include "commands.hpp"
#include "imagined_gateway.hpp"

namespace gatehouse::program {

/// A request that the browser sent, and what the gateway made of it.
struct browser_exchange {
  browser_request request{};
  imagined_answer answer{};
};

/// One key of the policy, as it would have to be.
struct policy_change {
  std::string key{};    ///< "cors.origins", "route[0].cors.methods"
  std::string value{};  ///< as TOML
  std::string flag{};   ///< of `run`, that does the same; empty: there is none
};

struct browser_explanation {
  fetch asked{};
  bool is_socket = false;
  bool readable = false;    ///< the page gets the answer, or its socket
  fetch_outcome outcome{};  ///< of a socket only `why` and `steps`
  std::vector<browser_exchange> exchanges{};
  reason refused = reason::none;  ///< what the gateway said against it
  /// In the order in which they become necessary; with nothing to change, or where nothing helps, none.
  std::vector<policy_change> changes{};
  std::string hopeless{};                  ///< why no change of the policy would help; empty: one would
  std::vector<config_problem> findings{};  ///< what `check` would say of the changed configuration, and not of this
};

/// Errors: what is wrong with the description or the configuration.
[[nodiscard]] result<browser_explanation, config_errors> explain_browser(const loaded_config& settings,
                                                                         const explain_options& asked);

/// For people on a terminal. Nothing in it moves a cursor.
[[nodiscard]] std::string to_words(const browser_explanation& e);
[[nodiscard]] std::string to_json(const browser_explanation& e);

}  // namespace gatehouse::program
