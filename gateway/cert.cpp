#include <chrono>
#include <cstdio>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <gatehouse/net/development_certificate.hpp>

#include "commands.hpp"
#include "development_tls.hpp"

namespace gatehouse::program {
namespace {

std::string how_to_trust(const development_certificate& c) {
  return fmt::format(
      "\nTrust the authority (once; its key, beside it, is yours alone: never give it away):\n"
      "  curl         curl --cacert {0} https://localhost:8080/\n"
      "  Node         NODE_EXTRA_CA_CERTS={0}\n"
      "  Debian       sudo cp {0} /usr/local/share/ca-certificates/gatehouse-dev.crt && sudo update-ca-certificates\n"
      "  Chrome       certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n gatehouse-dev -i {0}     (libnss3-tools)\n"
      "  Firefox      Settings, Certificates, Authorities, Import\n"
      "  macOS        security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain {0}\n"
      "Use it: gatehouse run --dev-tls --to http://localhost:5000\n",
      c.authority);
}

std::string how_to_let_in(const std::string& name, const development_client& c, const std::string& authority) {
  return fmt::format(
      "\nNew client certificate for {0}\n  {1}\n  {2}\n"
      "Ask for it in gatehouse.toml, below [tls]:\n"
      "  client_certificate = \"required\"\n"
      "  client_ca = \"{3}\"\n"
      "Show it: curl --cacert {3} --cert {1} --key {2} https://localhost:8080/\n",
      name, c.certificate, c.key, authority);
}

int refuse(const config_error& e) {
  fmt::print(stderr, "gatehouse: {}{}{}\n", e.message, e.suggestion.empty() ? "" : "\n  ", e.suggestion);
  return e.code == "not-a-name" ? exit_bad_input : exit_failed;
}

}  // namespace

result<development_certificate, config_error> development_tls(const std::vector<std::string>& names) {
  const std::string folder = development_folder(environment_variable("XDG_DATA_HOME"), environment_variable("HOME"));
  return make_development_certificate(folder, names, std::chrono::system_clock::now());
}

int cert(const cert_options& options) {
  if (options.what != "dev") {
    fmt::print(stderr, "gatehouse: cert makes one kind of certificate: gatehouse cert dev [NAME...]\n");
    return exit_bad_input;
  }
  const auto made = development_tls(options.names);
  if (!made) return refuse(made.error());
  fmt::print("{} certificate for {}, until {:%Y-%m-%d}\n  {}\n  {}\n", made->new_certificate ? "New" : "Kept",
             made->names, fmt::gmtime(std::chrono::system_clock::to_time_t(made->not_after)), made->certificate,
             made->key);
  fmt::print("{} authority\n  {}\n{}", made->new_authority ? "New" : "Kept", made->authority, how_to_trust(*made));
  const std::string folder = made->authority.substr(0, made->authority.rfind('/'));
  for (const std::string& name : options.client) {
    const auto client = make_development_client(folder, name, std::chrono::system_clock::now());
    if (!client) return refuse(client.error());
    fmt::print("{}", how_to_let_in(name, *client, made->authority));
  }
  return exit_ok;
}

}  // namespace gatehouse::program
