import { render } from 'preact';

const place = document.getElementById('page');
if (place) render(<p>everynode</p>, place);
