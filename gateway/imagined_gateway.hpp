#pragma once

#include <memory>
#include <string>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/config/gateway_config.hpp>
#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/rules/browser.hpp>
#include <gatehouse/server/decision_log.hpp>

namespace gatehouse::program {

/// What became of a request that nobody sent.
struct imagined_answer {
  decision decided{};  ///< status 0: it would be forwarded
  bool forwarded = false;
  browser_response response{};  ///< as the client would get it; forwarded: if the API answered 200 (a WebSocket: 101)
                                ///< and had nothing to say about CORS
};

/// The gateway of a configuration without its sockets: parser, routes and policies are those that serve.
class imagined_gateway {
 public:
  /// Errors: what is wrong with the configuration.
  [[nodiscard]] static result<imagined_gateway, config_errors> make(const gateway_config& config);

  /// `head`: the bytes of a request head; `secure`: it came by HTTPS. Errors: it is not whole.
  [[nodiscard]] result<imagined_answer, config_errors> ask(const std::string& head, const ip_address& peer,
                                                           bool secure = false) const;
  /// "127.0.0.1:8080": the first listener.
  [[nodiscard]] std::string address() const;

 private:
  imagined_gateway() = default;
  const gateway_config* config_ = nullptr;  // of who made it; outlives it
  std::unique_ptr<state_registry> states_{};
  std::shared_ptr<const gateway_routes> routes_{};
};

}  // namespace gatehouse::program
