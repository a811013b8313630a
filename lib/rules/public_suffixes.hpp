#pragma once
// Which names strangers register below (https://publicsuffix.org). Asked while a policy is made, never for a request.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::detail::rules {

class public_suffixes {
 public:
  /// The list that the system's libpsl was built with.
  [[nodiscard]] static public_suffixes of_system();
  /// Nothing when the file is no such list.
  [[nodiscard]] static std::optional<public_suffixes> of_file(const std::string& path);
  public_suffixes(public_suffixes&&) noexcept;
  public_suffixes& operator=(public_suffixes&&) noexcept;
  ~public_suffixes();

  /// Of both sections, ICANN's ("co.uk") and the private one ("github.io"). A name of one label that is not on the list
  /// counts, too. In lower case; names in their ASCII form.
  [[nodiscard]] bool contains(std::string_view host) const noexcept;
  /// Of the private section: names that one company gives to strangers.
  [[nodiscard]] bool is_private(std::string_view host) const noexcept;
  /// What of the name somebody registered: "example.co.uk" of "a.example.co.uk"; empty: none.
  [[nodiscard]] std::string registered(std::string_view host) const;
  /// When the list was made; nothing when it does not say.
  [[nodiscard]] std::optional<system_time> made_at() const noexcept;

 private:
  struct implementation;
  explicit public_suffixes(std::unique_ptr<implementation> i) noexcept;
  std::unique_ptr<implementation> impl_;
};

}  // namespace gatehouse::detail::rules
