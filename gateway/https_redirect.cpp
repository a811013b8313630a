#include "https_redirect.hpp"

#include <utility>

#include <gatehouse/rules/host_check.hpp>

namespace gatehouse::program {
namespace {

constexpr std::uint16_t usual_port = 443;

std::string location_of(const authority& asked, std::uint16_t port, const request& r) {
  std::string out = "https://";
  out.append(asked.host);
  if (port != usual_port) out.append(":").append(std::to_string(port));
  out.append(r.path().starts_with('/') ? r.path() : "/");  // OPTIONS * has no place
  if (!r.query().empty()) out.append("?").append(r.query());
  return out;
}

}  // namespace

app https_redirect(redirect_settings s) {
  app a;
  a.use(host_check({.also = s.also_on_loopback}));
  a.mount("/", [s = std::move(s)](const request& r) {
    const auto asked = authority::parse(r.host());
    if (!asked || !s.answers_for(*asked)) {
      return response(http_error{.status = status::misdirected_request, .message = "No such host is here."});
    }
    return redirect(location_of(*asked, s.https_port, r),
                    {.status = status::permanent_redirect, .allow_external = true});
  });
  return a;
}

}  // namespace gatehouse::program
