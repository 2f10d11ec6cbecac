// Filters hide rows of the list. The average shown is that of the chosen type and setting, worked out beforehand.
for (const listing of document.querySelectorAll('.listing')) {
  const form = listing.querySelector('.filters');
  const rows = [...listing.querySelectorAll('.results tr')];
  const averages = [...listing.querySelectorAll('.averages tr')];
  const selects = [...form.querySelectorAll('select')];
  const search = form.elements.search;
  const fits = (row, but) =>
    selects.every((s) => s === but || !s.value || row.dataset[s.name] === s.value) &&
    search.value.toLowerCase().split(/\s+/).every((word) => row.dataset.search.includes(word));
  const update = () => {
    let count = 0;
    for (const row of rows) {
      row.hidden = !fits(row);
      count += !row.hidden;
    }
    // How many each choice would leave, given the other filters.
    for (const select of selects) {
      const left = rows.filter((row) => fits(row, select));
      for (const option of select.options) {
        const some = left.filter((row) => !option.value || row.dataset[select.name] === option.value).length;
        option.textContent = `${option.value || 'All'} (${some})`;
      }
    }
    const { type, setting } = form.elements;
    for (const average of averages) {
      const { type: own = '', setting: where = '' } = average.dataset;
      average.hidden = own !== type.value || where !== setting.value;
    }
    listing.querySelector('.shown').textContent = `Results shown: ${count} of ${rows.length}.`;
  };
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  update();
}
